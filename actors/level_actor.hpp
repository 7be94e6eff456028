// A level of the escalation ladder, the supervisor of the level below it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"
#include "actors/shard_table.hpp"
#include "actors/timer_service.hpp"
#include "domain/escalation.hpp"

namespace usher::actors {

/// Where the levels are found, and the wheels of their timers: by `domain::level_index`.
struct ladder {
  explicit ladder(const domain::clock_port& clock) : levels(domain::all_levels.size()), timers(clock, levels.size()) {}

  shard_table levels;
  timer_service timers;

  /// Tells a level that a ticket has something that waits for an acknowledgement until `hand_up_at`.
  void watch(domain::ticket_id ticket, int level, domain::instant hand_up_at) const {
    if (auto actor = levels.at(domain::level_index(level))) caf::anon_send(actor, escalation_waits{ticket, hand_up_at});
  }
};

/// Owns the acknowledgement timers of its level. When one goes off, what nobody took is handed up, by a command to its
/// ticket: the ticket knows whether it still waits. What a level has to watch is in the tickets; one that starts anew
/// finds it there.
class level_actor {
 public:
  using actor_type = caf::stateful_actor<level_actor>;
  static constexpr const char* name = "usher.level";

  level_actor(actor_type* self, desk_parts* desk, ladder* all, int level);
  ~level_actor();
  level_actor(const level_actor&) = delete;
  level_actor& operator=(const level_actor&) = delete;

  caf::behavior make_behavior();

 private:
  struct watched {
    domain::instant due{};
    timer_handle timer;
    std::uint32_t generation = 0;
  };

  void start_level_below();
  void find_what_waits();
  void on_waits(const escalation_waits& m);
  void on_timers(const std::vector<due_timer>& timers);
  void hand_up(domain::ticket_id ticket);

  actor_type* self_;
  desk_parts& desk_;
  ladder& ladder_;
  int level_;
  std::size_t index_;
  std::uint32_t generations_ = 0;
  boost::unordered_flat_map<domain::ticket_id, watched, std::hash<domain::ticket_id>> watched_;
};

}  // namespace usher::actors
