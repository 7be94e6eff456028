// What every actor of a desk works with. Made by the desk, outlives all actors.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "actors/agent_board.hpp"
#include "actors/analytics_days.hpp"
#include "actors/event_hub.hpp"
#include "actors/freeze_watch.hpp"
#include "actors/incident_desk.hpp"
#include "actors/request.hpp"
#include "actors/shared_slot.hpp"
#include "actors/stopped_clocks.hpp"
#include "actors/ticket_directory.hpp"
#include "actors/timer_service.hpp"
#include "domain/desk_settings.hpp"
#include "domain/ticket_decide.hpp"
#include "metrics/desk_metrics.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// The bounds of a desk.
struct desk_limits {
  std::size_t shards = 16;                      ///< a power of two
  std::int64_t in_flight_max = 4096;            ///< submissions that are not answered yet
  std::size_t ticket_stash_max = 256;           ///< requests that wait for one ticket's commit
  std::size_t restarts_max = 3;                 ///< restarts of one ticket …
  domain::milliseconds restart_window{60'000};  ///< … within this time; one more is quarantine
  domain::milliseconds retry_delay{250};        ///< before a timer's change, or a load, is tried again
};

/// Called before a command is decided; a test makes it throw.
using fault_hook = std::function<void(domain::ticket_id, const domain::ticket_command&)>;

/// Makes patterns ready to be gone by, on a thread of its own, or says why they can't be. What it hands over puts them
/// in force, at once and for all.
using pattern_preparer =
    std::function<void(domain::pattern_library_ptr, domain::completion<std::function<void()>> ready)>;

struct desk_parts {
  const domain::clock_port& clock;
  store::writer& writer;
  store::reader& reader;
  metrics::desk_metrics& metrics;
  ticket_directory& directory;
  timer_service& timers;
  /// Those that hold now: whoever decides takes them once and decides by them.
  shared_slot<const domain::desk_settings> settings{
      std::make_shared<const domain::desk_settings>(domain::desk_settings::defaults())};
  desk_limits limits;
  fault_hook fault;
  /// Sends a request to its ticket, whatever shard that belongs to.
  std::function<void(request_ptr)> send;
  /// Tells a level of the ladder what waits for an acknowledgement.
  std::function<void(domain::ticket_id, int level, domain::instant hand_up_at)> watch_escalation{};
  const domain::judge* judge = nullptr;     ///< null: nobody reads the texts
  domain::second_reader* second = nullptr;  ///< null: nobody is asked where the judge is in doubt
  /// Where a customer says how content it is; empty: nobody is asked.
  std::function<std::string(const domain::ticket&)> score_link{};
  agent_board* board = nullptr;  ///< set before the first actor starts
  /// Changes an agent's presence, as Usher itself.
  std::function<void(const std::string& agent, domain::presence)> set_presence{};
  const freeze_watch* freeze = nullptr;  ///< set before the first request
  incident_desk* incidents = nullptr;    ///< set before the first actor starts
  pattern_preparer prepare_patterns{};   ///< null: patterns are stored unseen
  /// Requests between two tickets that are not answered yet.
  std::atomic<std::int64_t> loans{0};

  /// Puts the notifications of those who are to hear of an alert into it; what the stream says of it once it is stored.
  [[nodiscard]] domain::alert_event address(store::alert_write& alert) const;

  /// Stores an alert, and tells the webhooks that want to know.
  void raise(store::alert_write alert, domain::completion<std::monostate> done);

  /// What a decision depends on now; `settings` has to outlive it.
  [[nodiscard]] domain::decision_context context(domain::caller by, const domain::desk_settings& settings_now,
                                                 std::optional<std::int64_t> expected_version = std::nullopt) const {
    return {std::move(by), clock.now(), &settings_now, expected_version, judge, board};
  }

  /// What executives are told when a change is made although a freeze holds.
  [[nodiscard]] store::alert_write alert_of_broken_glass(const domain::caller& by, const std::string& action,
                                                         const std::string& reason) const;

  /// Tells of an incident when this committed change makes a burst of new tickets. What can't be stored is logged.
  void watch_for_incidents(const domain::change& what);

  /// Lets these settings hold from now on.
  void take_settings(const domain::settings_ptr& next) {
    settings.set(next);
    auto changed = board->take_settings(next);
    if (!changed.empty() && agents_changed) agents_changed(std::move(changed));
  }
  /// Tells the roster which agents are new or other ones.
  std::function<void(std::vector<std::string>)> agents_changed{};
  /// What those hear who follow what happens.
  event_hub events{clock};
  /// Clocks that stopped since the last snapshot.
  stopped_clocks stopped{};
  /// The tickets are loaded, and the monitor may look.
  std::atomic<bool> watching{false};

  /// Changes handed to a lane whose outcome their tickets have not taken in yet.
  std::atomic<std::int64_t> commits_pending{0};
  /// Counts one as long as somebody holds the result.
  [[nodiscard]] std::shared_ptr<void> count_commit() {
    commits_pending.fetch_add(1);
    return {&commits_pending, [](std::atomic<std::int64_t>* pending) { pending->fetch_sub(1); }};
  }
  /// Tickets that have come to life from the store.
  std::atomic<std::int64_t> tickets_recovered{0};
  /// Which days have to be summed up anew.
  analytics_days analytics{clock};
};

}  // namespace usher::actors
