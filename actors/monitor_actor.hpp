// The monitor: what the desk looks like, whether every clock is watched, and what has to go.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"
#include "actors/gateway.hpp"
#include "actors/monitor_board.hpp"

namespace usher::actors {

/// How the monitor reaches the rest of the desk.
struct monitor_links {
  monitor_board* board = nullptr;
  /// Reconciles every clock with its timer: the audit.
  std::function<void(domain::completion<check_report>)> audit;
  /// Between two rounds; zero: a round only on request.
  domain::milliseconds interval{60'000};
  bool own_thread = true;
};

/// In each round: a snapshot, the audit of the clocks against the database, alerts of what is wrong, and a purge of
/// what has expired. Runs on a thread of its own: its walk over all tickets keeps nobody waiting.
class monitor_actor {
 public:
  using actor_type = caf::stateful_actor<monitor_actor>;
  static constexpr const char* name = "usher.monitor";

  monitor_actor(actor_type* self, desk_parts* desk, monitor_links* links);
  ~monitor_actor();
  monitor_actor(const monitor_actor&) = delete;
  monitor_actor& operator=(const monitor_actor&) = delete;

  caf::behavior make_behavior();

 private:
  /// How far the round has come; the parts end in any order.
  struct round {
    int open_parts = 0;
    bool good = true;
  };

  void on_round(bool by_itself);
  void on_part(const monitor_part_done& m);
  void take_snapshot();
  void start_audit();
  void judge_audit(const check_report& report);
  void purge();
  void finish_round();
  /// Raises an alert, unless one of its kind was raised within the hour.
  void raise(const std::string& kind, const std::string& level, std::string detail);

  actor_type* self_;
  desk_parts& desk_;
  monitor_links& links_;
  round round_;
  int bad_rounds_ = 0;
  std::map<std::string, domain::instant> raised_;
};

}  // namespace usher::actors
