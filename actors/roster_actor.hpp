// The roster: the supervisor of the agents.
#pragma once

#include <map>
#include <unordered_map>

#include "actors/agent_actor.hpp"
#include "actors/shard_table.hpp"

namespace usher::actors {

/// Where the roster is found, and the wheels of its timers and its agents'.
struct staff {
  staff(const domain::clock_port& clock, domain::assignment_rules rules)
      : board(clock, rules), timers(clock, staff_wheels), roster(1) {}

  agent_board board;
  timer_service timers;
  shard_table roster;
  std::atomic<bool> begun{false};  ///< the tickets are loaded; a roster that starts later begins at once
};

/// Starts an actor for each agent and replaces one that crashes, hands on what the board and the timers say, and sees
/// to what nobody suits: after the settable wait anybody may take it, and when nobody can, people are told.
class roster_actor {
 public:
  using actor_type = caf::stateful_actor<roster_actor>;
  static constexpr const char* name = "usher.roster";

  roster_actor(actor_type* self, desk_parts* desk, staff* all);
  ~roster_actor();
  roster_actor(const roster_actor&) = delete;
  roster_actor& operator=(const roster_actor&) = delete;

  caf::behavior make_behavior();

 private:
  /// No more often than this is it told that tickets wait in vain.
  static constexpr std::chrono::seconds alert_pause{60};

  void on_begin();
  void on_changed(const std::vector<std::string>& ids);
  void on_news(const board_news& news);
  void on_timers(std::size_t wheel, const std::vector<due_timer>& timers);
  void on_down(const agent_down& m);
  void start_agent(const std::string& id);

  void relax();
  void tell_of_those_who_wait();
  void arm();
  [[nodiscard]] caf::actor agent(const std::string& id) const;

  actor_type* self_;
  desk_parts& desk_;
  staff& staff_;
  std::map<std::string, caf::actor> agents_;
  std::unordered_map<domain::ticket_id, std::string> names_;  ///< agents by their timers' names
  std::vector<domain::ticket_ptr> in_vain_;                   ///< have waited, and people were not told yet
  domain::maybe_instant told_at_;
  timer_handle timer_;
  std::uint32_t generation_ = 0;
};

}  // namespace usher::actors
