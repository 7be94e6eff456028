// The desk: everything between the front door and the store, put together. No CAF in this header.
#pragma once

#include <functional>
#include <memory>

#include "actors/desk_parts.hpp"
#include "actors/gateway.hpp"
#include "actors/monitor_board.hpp"

namespace usher::actors {

struct desk_options {
  desk_limits limits;
  std::size_t worker_threads = 2;
  int recovery_threads = 2;
  /// Whether timers and request deadlines run by themselves; tests with a clock of their own step them.
  bool own_threads = true;
  fault_hook fault;
  const domain::judge* judge = nullptr;     ///< who reads the texts; outlives the desk
  domain::second_reader* second = nullptr;  ///< who may know better; outlives the desk
  domain::assignment_rules assignment{};
  std::function<std::string(const domain::ticket&)> score_link{};  ///< where a customer scores a resolution
  pattern_preparer prepare_patterns{};  ///< whoever searches texts for patterns; null: nobody
  std::vector<domain::emergency_contact> emergency_contacts{};
  domain::milliseconds monitor_interval{60'000};  ///< between two rounds of the monitor
  /// The actors run in `run_actors` only, in the caller's thread, and every other wait runs them meanwhile: what
  /// happens follows from the calls alone. Without `own_threads`, for simulations.
  bool single_threaded = false;
  domain::freeze_rules freeze{};       ///< when changes are held back for weddings
  domain::incident_rules incidents{};  ///< when many tickets are one incident
};

class desk {
 public:
  desk(const domain::clock_port& clock, store::writer& writer, store::reader& reader, metrics::desk_metrics& metrics,
       desk_options options);
  ~desk();
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;

  /// Loads organizations, policies and every live ticket, arms the timers, records the deadlines that passed meanwhile,
  /// and opens the gateway. Blocking; throws what the store throws. `source` must outlive the desk.
  void recover(store::recovery& source);

  [[nodiscard]] gateway& door();
  /// Stores an alert of the desk's surroundings; one that can't be stored is logged. Does not wait.
  void raise(store::alert_write alert);
  /// Sends this endpoint nothing more, and raises an alert. Does not wait.
  void disable_webhook(domain::webhook_id endpoint, const std::string& why);
  [[nodiscard]] std::size_t timers_armed() const;
  /// Agents who are online, and what they have as a share of what they can take.
  [[nodiscard]] double agents_online() const;
  [[nodiscard]] double agent_load_ratio() const;

  /// Hands out what is due by the clock; only without `own_threads`.
  void advance_timers();
  /// Runs what the actors have to do until there is nothing left; of `n` jobs that wait, `choose(n)` says which is
  /// next. Only with `single_threaded`.
  void run_actors(const std::function<std::size_t(std::size_t)>& choose);
  /// Answers requests past their deadline; only without `own_threads`.
  void sweep_deadlines();

  /// What the monitor has seen.
  [[nodiscard]] const monitor_board& monitor() const;
  /// Asks for a round of the monitor now.
  void watch_now();

  /// Takes nothing new, lets every change that was begun be committed and answered, then ends the actors. False when
  /// something was left at `limit`; what, is logged.
  bool drain(domain::milliseconds limit);

 private:
  struct engine;
  std::unique_ptr<engine> engine_;
};

}  // namespace usher::actors
