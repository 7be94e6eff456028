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
enum class actor_kind : std::uint8_t { desk, shard, ticket, level, monitor };

/// Values that are read when somebody scrapes. All may be called from any thread.
struct gauge_sources {
  std::function<double()> timers_armed;
  std::function<double()> store_queue_depth;
};

/// Counters count what was committed. Recording is an atomic add on a counter that was looked up before; the first use
/// of an HTTP route with a new status takes a lock. Thread-safe.
class desk_metrics {
 public:
  /// `routes` are the templates of the front door, in the order of its route indexes.
  desk_metrics(std::string_view version, std::string_view commit);
  ~desk_metrics();
  desk_metrics(const desk_metrics&) = delete;
  desk_metrics& operator=(const desk_metrics&) = delete;

  /// Names the routes, before the first request. The last one stands for all that matched none.
  void set_routes(const std::vector<std::string>& templates);
  void set_gauge_sources(gauge_sources sources);

  void http_request_done(std::size_t route, std::string_view method, int status, double seconds);

  /// A ticket came to life from the store: it counts as open, nothing else.
  void ticket_loaded(const domain::ticket& t);
  /// A change was committed.
  void change_committed(const domain::change& what);

  /// A clock's timer went off, so many seconds after its deadline.
  void timer_fired(double lateness_seconds);
  void store_committed(double seconds, std::size_t batch_size);
  /// The audit found so many tickets whose clocks nobody watched.
  void audit_repaired(std::int64_t tickets);
  void monitor_round_done(bool good);
  void actor_started(actor_kind kind);
  void actor_stopped(actor_kind kind);
  void actor_restarted(actor_kind kind);

  /// The text format 0.0.4.
  [[nodiscard]] std::string text();

 private:
  struct families;
  std::unique_ptr<families> families_;
};

}  // namespace usher::metrics
