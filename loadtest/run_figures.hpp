// The figures of a run over time, and its end: what the views and the reports show.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/measures.hpp"
#include "loadtest/server_watch.hpp"
#include "loadtest/verification.hpp"

namespace usher::load {

/// A slot of time. Requests are counted in the slot in which they ended.
struct series_point {
  double at_seconds = 0;  ///< the slot's begin
  double seconds = 0;     ///< its length
  std::size_t stage = 0;
  double planned_rate = 0;                    ///< journeys a second that the scenario plans
  double journeys = 0;                        ///< a second, that began
  double requests = 0;                        ///< a second, that ended
  std::array<double, outcomes> by_outcome{};  ///< a second
  double p50_ms = 0;                          ///< durations are corrected ones
  double p95_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  double lag_p99_ms = 0;
  double cpu_share = 0;  ///< of the generator's threads
  std::size_t in_flight = 0;
  std::size_t connections = 0;
  std::vector<std::uint64_t> heat;  ///< counts between `heat_edges()`
};

/// The rows of the heat map: 1 ms to 10 s, then everything above.
[[nodiscard]] const std::vector<nanoseconds>& heat_edges();

/// A slot in which the generator was later than that is one in which it held the plan up.
inline constexpr double lag_max_ms = 10;
/// A thread that is busier than that has no room for the plan.
inline constexpr double cpu_share_max = 0.9;

/// How well the generator kept to its plan.
struct generator_view {
  std::size_t slots = 0;
  std::size_t late_slots = 0;
  double worst_lag_p99_ms = 0;
  double most_cpu_share = 0;
  std::size_t threads = 0;
  bool is_bottleneck = false;
  std::string words;
};
[[nodiscard]] generator_view judge_generator(const std::vector<series_point>& series, const measures& total,
                                             std::size_t threads);

/// How long after a wave (slots whose planned rate is at least nine tenths of the highest, where that is at least three
/// times the median) answers were as quick as before, and nothing was refused or failed: seconds, 0 when the wave did
/// no harm, negative when there was none, or no end of it.
[[nodiscard]] double recovery_after(const std::vector<series_point>& series);

/// By what share the server's memory grew from the third tenth of a run, when it is warm, to the last; nothing without
/// enough scrapes.
[[nodiscard]] std::optional<double> memory_growth_of(const std::vector<server_point>& server);

/// When and why a run that looks for the limit found it.
struct giving_way {
  double at_seconds = 0;
  double planned_rate = 0;   ///< journeys a second, when it gave way
  double held_rate = 0;      ///< the planned rate up to which everything held
  double held_requests = 0;  ///< requests a second that were answered then as planned
  std::string condition;
  double value = 0;
  bool generator_was_late = false;
};

/// Watches the conditions of `stop_plan`.
class limit_finder {
 public:
  explicit limit_finder(const scenario& what) : what_(what) {}

  /// Takes a second's figures; nothing while everything holds.
  [[nodiscard]] std::optional<giving_way> add(const measures& second, const series_point& point);

 private:
  const scenario& what_;
  std::deque<measures> window_;
  int failing_ = 0;
  giving_way found_;
  double held_rate_ = 0;
  double held_requests_ = 0;
};

/// Everything that a report tells.
struct run_result {
  scenario what;
  std::uint64_t seed = 0;
  double scale = 1;
  std::string target;
  std::string run_id;
  std::string started_at;
  double seconds = 0;  ///< of the stages, as they were played
  std::string ended;   ///< `finished`, `interrupted` or `gave way`
  std::size_t organizations = 0;
  std::size_t customers = 0;
  double largest_share = 0;  ///< of the customers, of the largest organization
  measures total;
  std::uint64_t events = 0;
  std::vector<series_point> series;
  std::vector<server_point> server;
  server_totals server_total;
  bool server_blind = true;
  generator_view generator;
  std::optional<giving_way> limit;
  double recovery_seconds = -1;  ///< see `recovery_after`
  std::optional<verification> verified;
  std::vector<verdict> verdicts;

  [[nodiscard]] bool passed() const;
};

}  // namespace usher::load
