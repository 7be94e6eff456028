// A shard: the supervisor of the tickets whose ids fall to it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"

namespace usher::actors {

/// The shard of a ticket; `shards` is a power of two.
[[nodiscard]] inline std::size_t shard_of(domain::ticket_id id, std::size_t shards) noexcept {
  return (std::hash<domain::ticket_id>{}(id) >> 32U) & (shards - 1);
}

/// Knows which ticket has an actor, brings tickets to life from the store when somebody asks for them, and restarts
/// what crashed within a budget; past it the ticket is quarantined and a person is told. Its tickets end with it.
class shard_actor {
 public:
  using actor_type = caf::stateful_actor<shard_actor>;
  static constexpr const char* name = "usher.shard";

  shard_actor(actor_type* self, desk_parts* desk, std::size_t index);
  ~shard_actor();
  shard_actor(const shard_actor&) = delete;
  shard_actor& operator=(const shard_actor&) = delete;

  caf::behavior make_behavior();

 private:
  /// A ticket that the shard knows of. Without `held` it is live and gets what comes at once; with it, requests wait
  /// until the ticket is loaded (no `actor` yet) or has decided whether it leaves.
  struct entry {
    caf::actor actor;
    std::unique_ptr<std::vector<request_ptr>> held;
  };

  // -- requests and timers --
  void on_request(request_ptr request);
  void on_timers(const std::vector<due_timer>& timers);
  void on_adopt(const std::vector<domain::ticket_ptr>& tickets, bool counted);

  // -- loading --
  void load(domain::ticket_id id);
  void on_loaded(ticket_loaded& m);
  void answer_held(domain::ticket_id id, const domain::error& why);

  // -- leaving and crashing --
  void on_wants_to_leave(domain::ticket_id id);
  void on_stays(domain::ticket_id id);
  void on_down(const ticket_down& m);
  void on_crash(const ticket_down& m);
  [[nodiscard]] bool may_restart(domain::ticket_id id);
  void quarantine(domain::ticket_id id, const std::string& reason);

  // -- helpers --
  caf::actor bring_to_life(domain::ticket_id id, domain::ticket_ptr loaded);
  void release_held(entry& e);

  actor_type* self_;
  desk_parts& desk_;
  std::size_t index_;
  boost::unordered_flat_map<domain::ticket_id, entry, std::hash<domain::ticket_id>> tickets_;
  boost::unordered_flat_map<domain::ticket_id, std::deque<domain::instant>, std::hash<domain::ticket_id>> crashes_;
  boost::unordered_flat_set<domain::ticket_id, std::hash<domain::ticket_id>> quarantined_;
};

}  // namespace usher::actors
