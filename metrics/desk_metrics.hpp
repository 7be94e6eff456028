// Every metric of Usher (contract, section 7), and the text that Prometheus scrapes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ticket_events.hpp"

namespace usher::metrics {

/// The actors that are counted by kind.
enum class actor_kind : std::uint8_t { desk, shard, ticket, level, roster, agent, monitor };

/// Values that are read when somebody scrapes; those without a source stay 0. All may be called from any thread.
struct gauge_sources {
  std::function<double()> timers_armed = {};
  std::function<double()> store_queue_depth = {};
  std::function<double()> store_reachable = {};  ///< 1 or 0
  std::function<double()> ready = {};            ///< 1 or 0
  std::function<double()> agents_online = {};
  std::function<double()> agent_load_ratio = {};  ///< what those online have, over what they can take
  std::function<double()> outbox_pending = {};
  std::function<double()> outbox_oldest_seconds = {};  ///< age of the oldest that is pending
};

/// Counters count what was committed. Recording is an atomic add on a counter that was looked up before; what takes a
/// lock is the first use of an HTTP route with a new status, and a level of the ladder that is told or taken.
/// Thread-safe.
class desk_metrics {
 public:
  desk_metrics(std::string_view version, std::string_view commit);
  ~desk_metrics();
  desk_metrics(const desk_metrics&) = delete;
  desk_metrics& operator=(const desk_metrics&) = delete;

  /// Names the routes by the templates of the front door, in the order of its route indexes, before the first request.
  /// The last one stands for all that matched none.
  void set_routes(const std::vector<std::string>& templates);
  void set_gauge_sources(gauge_sources sources);

  void http_request_done(std::size_t route, std::string_view method, int status, double seconds);
  /// The words are `refusal_reasons` and `refused_classes`.
  void http_refused(std::string_view reason, std::string_view what);

  /// A ticket came to life from the store: the gauges count it, nothing else.
  void ticket_loaded(const domain::ticket& t);
  /// It came to life again, and the store knew more of it than the gauges.
  void ticket_reloaded(const domain::ticket& counted, const domain::ticket& now);
  /// A change was committed.
  void change_committed(const domain::change& what);

  /// A clock's timer went off, so many seconds after its deadline.
  void timer_fired(double lateness_seconds);
  /// Every clock was compared with its timer; so many tickets were not watched as they should be.
  void clocks_audited(std::int64_t differences);
  void store_committed(double seconds, std::size_t batch_size);
  /// A text was read.
  void text_classified(std::string_view method, double seconds);
  /// A request to a language model ended; the outcomes are `llm_outcomes`.
  void llm_asked(std::string_view outcome);
  /// A try to deliver a notification ended; the outcomes are `delivery_outcomes`.
  void delivery_tried(std::string_view channel, std::string_view outcome);
  /// A notification's first try began, so many seconds after the change that it tells of.
  void notification_left(double lateness_seconds);
  void actor_started(actor_kind kind);
  void actor_stopped(actor_kind kind);
  void actor_restarted(actor_kind kind);

  /// The text format 0.0.4, as of now.
  [[nodiscard]] std::string text();

 private:
  struct families;
  std::unique_ptr<families> families_;
};

}  // namespace usher::metrics
