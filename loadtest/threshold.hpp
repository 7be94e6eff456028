// What has to be true of a run: `http_req_duration{name:create} p(95)<200`, `lost == 0`, `errors < 0.1%`.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::load {

enum class comparison { less, less_equal, greater, greater_equal, equal, not_equal };

/// METRIC[{LABEL:VALUE,…}] [AGGREGATE] COMPARISON NUMBER[UNIT].
struct threshold {
  std::string text;
  std::string metric;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string aggregate;  ///< `p(95)`, `avg`, `min`, `med`, `max`, `count`, `rate`; empty: the metric's own
  double quantile = 0;    ///< of `p(…)`, from 0 to 1
  comparison than = comparison::less;
  double bound = 0;  ///< durations in milliseconds, shares from 0 to 1

  [[nodiscard]] bool holds(double value) const noexcept;
};

/// Reads one. Errors in words: what was expected and where; a metric, label or aggregate that does not exist.
/// Numbers of durations are milliseconds, or have a unit (`us`, `ms`, `s`, `m`, `h`); `%` is a hundredth.
[[nodiscard]] std::expected<threshold, std::string> parse_threshold(std::string_view text);

/// Metrics that are durations, and take `p(…)`, `avg`, `min`, `med`, `max`.
[[nodiscard]] bool is_duration(std::string_view metric) noexcept;

/// A threshold and what was measured.
struct verdict {
  threshold what;
  std::optional<double> value;  ///< nothing: there was nothing to measure, which is a crossing
  bool ok = false;
};

}  // namespace usher::load
