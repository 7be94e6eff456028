#include "loadtest/threshold.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "loadtest/units.hpp"

namespace usher::load {

namespace {

constexpr std::array<std::string_view, 4> durations{"http_req_duration", "http_req_service",
                                                    "http_req_refused_duration", "scheduling_lag"};
constexpr std::array<std::string_view, 11> counts{"http_reqs", "journeys", "errors", "refused",
                                                  "unplanned", "timeouts", "cut",    "absent",
                                                  "dropped",   "lost",     "unknown"};
constexpr std::string_view memory_growth = "memory_growth";
constexpr std::array<std::string_view, 4> label_names{"name", "who", "stage", "status"};
constexpr std::array<std::string_view, 4> duration_aggregates{"avg", "min", "med", "max"};
constexpr std::array<std::string_view, 2> count_aggregates{"count", "rate"};

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Goes through the text from left to right.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(std::string_view what) {
    skip_space();
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  /// Everything up to one of `ends`, without the spaces around it.
  std::string until(std::string_view ends) {
    skip_space();
    auto size = std::min(rest_.find_first_of(ends), rest_.size());
    auto word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    while (!word.empty() && (word.back() == ' ' || word.back() == '\t')) word.remove_suffix(1);
    return std::string(word);
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::string read_labels(scanner& in, threshold& out) {
  if (!in.take("{")) return {};
  do {
    auto label = in.until(":,}");
    if (!in.take(":")) return "expected '" + label + ":VALUE'";
    if (!has(label_names, label)) return "there is no label '" + label + "'; there are name, who, stage and status";
    out.labels.emplace_back(label, in.until(",}"));
  } while (in.take(","));
  return in.take("}") ? std::string() : "expected '}' after the labels";
}

std::string read_aggregate(scanner& in, threshold& out) {
  out.aggregate = in.until("<>=!");
  bool duration = is_duration(out.metric);
  if (out.aggregate.empty()) return duration ? out.metric + " needs an aggregate, such as p(95) or max" : std::string();
  if (duration && out.aggregate.starts_with("p(") && out.aggregate.ends_with(')')) {
    auto number = std::string_view(out.aggregate).substr(2, out.aggregate.size() - 3);
    double percent = 0;
    auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), percent);
    if (failed != std::errc() || end != number.data() + number.size() || percent < 0 || percent > 100)
      return "'" + out.aggregate + "' is not a percentile from p(0) to p(100)";
    out.quantile = percent / 100;
    return {};
  }
  bool known = duration ? has(duration_aggregates, out.aggregate)
                        : out.metric != memory_growth && has(count_aggregates, out.aggregate);
  if (out.aggregate == "med") out.quantile = 0.5;
  return known ? std::string() : "'" + out.aggregate + "' is no aggregate of " + out.metric;
}

std::string read_comparison(scanner& in, threshold& out) {
  constexpr std::array<std::pair<std::string_view, comparison>, 6> all{{{"<=", comparison::less_equal},
                                                                        {">=", comparison::greater_equal},
                                                                        {"==", comparison::equal},
                                                                        {"!=", comparison::not_equal},
                                                                        {"<", comparison::less},
                                                                        {">", comparison::greater}}};
  for (const auto& [word, what] : all) {
    if (!in.take(word)) continue;
    out.than = what;
    return {};
  }
  return "expected a comparison: < <= > >= == !=";
}

std::string read_bound(scanner& in, threshold& out) {
  auto text = in.until("");
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out.bound);
  if (failed != std::errc()) return "expected a number, not '" + text + "'";
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit.empty()) return {};
  if (unit == "%" && !is_duration(out.metric)) {
    out.bound /= 100;
    return {};
  }
  auto duration = parse_duration("1" + std::string(unit));
  if (!is_duration(out.metric) || !duration) return "'" + std::string(unit) + "' is no unit of " + out.metric;
  out.bound *= in_milliseconds(*duration);
  return {};
}

}  // namespace

bool is_duration(std::string_view metric) noexcept { return has(durations, metric); }

bool threshold::holds(double value) const noexcept {
  switch (than) {
    case comparison::less:
      return value < bound;
    case comparison::less_equal:
      return value <= bound;
    case comparison::greater:
      return value > bound;
    case comparison::greater_equal:
      return value >= bound;
    case comparison::equal:
      return value == bound;
    case comparison::not_equal:
      return value != bound;
  }
  return false;
}

std::expected<threshold, std::string> parse_threshold(std::string_view text) {
  threshold out;
  out.text = std::string(text);
  scanner in(text);
  out.metric = in.until("{ \t<>=!");
  std::string wrong;
  if (!has(durations, out.metric) && !has(counts, out.metric) && out.metric != memory_growth)
    wrong = "there is no metric '" + out.metric + "'";
  for (auto* part : {read_labels, read_aggregate, read_comparison, read_bound}) {
    if (wrong.empty()) wrong = part(in, out);
  }
  if (!wrong.empty()) return std::unexpected("threshold '" + out.text + "': " + wrong);
  return out;
}

}  // namespace usher::load
