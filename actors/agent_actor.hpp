// The actor of one agent.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"
#include "actors/timer_service.hpp"

namespace usher::actors {

/// The wheels of the roster's timers.
enum class staff_wheel : std::uint8_t { agents, silences, roster };
inline constexpr std::size_t staff_wheels = 3;

/// An agent's name on its wheel.
[[nodiscard]] inline domain::ticket_id timer_name(const std::string& agent) {
  return {domain::named_uuid("agent/" + agent)};
}

/// Takes what waits while there is room, one look at the board after the other, and knows about time: when the shift
/// begins and ends, when presence lapses, when a sign that is owed has not come. What it loses goes to the next one by
/// a command to the ticket, which knows whether that still holds.
class agent_actor {
 public:
  using actor_type = caf::stateful_actor<agent_actor>;
  static constexpr const char* name = "usher.agent";

  agent_actor(actor_type* self, desk_parts* desk, timer_service* timers, std::string id);
  ~agent_actor();
  agent_actor(const agent_actor&) = delete;
  agent_actor& operator=(const agent_actor&) = delete;

  caf::behavior make_behavior();

 private:
  struct watched {
    timer_handle timer;
    std::uint32_t generation = 0;
  };

  void on_changed();
  void on_hand_on(const hand_on& m);
  void on_wake(bool later);
  void on_timer(std::uint32_t generation);
  void on_silence(const silence_due& m);

  // -- tickets --
  void take();
  void watch(domain::ticket_id ticket);
  void forget(domain::ticket_id ticket);
  void let_go(domain::ticket_id ticket, const std::string& cause);
  void let_go_of_all(const std::string& cause);
  void give(domain::ticket_id ticket, domain::give_ticket command);

  // -- time --
  void look_at_the_time();

  [[nodiscard]] const domain::agent* me(const domain::desk_settings& settings) const;
  [[nodiscard]] bool works() const { return desk_.board->rules().automatic; }

  actor_type* self_;
  desk_parts& desk_;
  timer_service& timers_;
  std::string id_;
  domain::presence presence_ = domain::presence::offline;
  domain::instant present_since_{};
  bool on_shift_ = true;
  timer_handle timer_;
  std::uint32_t generations_ = 0;
  std::uint32_t generations_of_timer_ = 0;
  boost::unordered_flat_map<domain::ticket_id, watched, std::hash<domain::ticket_id>> owed_;
};

}  // namespace usher::actors
