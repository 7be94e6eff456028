#include "loadtest/run_figures.hpp"

#include <algorithm>
#include <cmath>

namespace usher::load {

const std::vector<nanoseconds>& heat_edges() {
  static const std::vector<nanoseconds> edges = [] {
    std::vector<nanoseconds> out;
    constexpr int steps = 32;
    for (int i = 0; i <= steps; ++i) out.push_back(from_seconds(1e-3 * std::pow(10.0, 4.0 * i / steps)));
    return out;
  }();
  return edges;
}

generator_view judge_generator(const std::vector<series_point>& series, const measures& total, std::size_t threads) {
  generator_view out;
  out.threads = threads;
  out.slots = series.size();
  std::size_t busy = 0;
  for (const auto& p : series) {
    if (p.lag_p99_ms > lag_max_ms) ++out.late_slots;
    if (p.cpu_share > cpu_share_max) ++busy;
    out.worst_lag_p99_ms = std::max(out.worst_lag_p99_ms, p.lag_p99_ms);
    out.most_cpu_share = std::max(out.most_cpu_share, p.cpu_share);
  }
  auto often = [&](std::size_t slots) { return 4 * slots > out.slots; };
  bool late = often(out.late_slots) || in_milliseconds(total.lag.quantile(0.99)) > lag_max_ms;
  out.is_bottleneck = late || often(busy);
  auto lag = "99 % of what was planned began within " + show_duration(total.lag.quantile(0.99)) + " of its moment";
  if (often(busy)) {
    out.words = "The generator was the bottleneck: its threads were over 90 % busy in " + std::to_string(busy) +
                " of " + std::to_string(out.slots) + " slots. Give it more --threads, or another machine.";
  } else if (late) {
    out.words = "The generator was late: over 10 ms in " + std::to_string(out.late_slots) + " of " +
                std::to_string(out.slots) + " slots (" + lag +
                "). It did not get the processor in time, and latencies count that delay.";
  } else {
    out.words = "The generator kept to its plan: " + lag + ".";
  }
  if (total.dropped > 0)
    out.words += " " + show_count(static_cast<double>(total.dropped)) +
                 " journeys were dropped, because so many were under way that the limit in_flight was reached.";
  return out;
}

double recovery_after(const std::vector<series_point>& series) {
  std::vector<double> rates;
  for (const auto& p : series) rates.push_back(p.planned_rate);
  std::sort(rates.begin(), rates.end());
  if (rates.size() < 3 || rates.back() < 3 * rates[rates.size() / 2]) return -1;
  auto in_wave = [&](const auto& p) { return p.planned_rate >= 0.9 * rates.back(); };
  auto first = std::find_if(series.begin(), series.end(), in_wave);
  auto end = std::find_if(series.rbegin(), series.rend(), in_wave).base();
  std::vector<double> calm;
  for (auto p = series.begin(); p != first; ++p) calm.push_back(p->p95_ms);
  std::sort(calm.begin(), calm.end());
  constexpr double good_ms = 50;
  double wanted = std::max(good_ms, calm.empty() ? 0 : 2 * calm[calm.size() / 2]);
  auto suffers = [&](const series_point& p) {
    auto of = [&](outcome o) { return p.by_outcome[static_cast<std::size_t>(o)]; };
    return p.p95_ms > wanted || of(outcome::refused) + of(outcome::timed_out) + of(outcome::cut) > 0;
  };
  if (std::none_of(first, end, suffers)) return 0;
  auto well = std::find_if_not(end, series.end(), suffers);
  return well == series.end() ? -1 : well->at_seconds - (end - 1)->at_seconds - (end - 1)->seconds;
}

std::optional<double> memory_growth_of(const std::vector<server_point>& server) {
  constexpr std::size_t points_min = 10;
  if (server.size() < points_min) return std::nullopt;
  auto mean = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (auto i = from; i < to; ++i) sum += server[i].memory_bytes.value_or(0);
    return sum / static_cast<double>(to - from);
  };
  auto n = server.size();
  double warm = mean(2 * n / 10, 3 * n / 10);
  return warm > 0 ? std::optional(mean(9 * n / 10, n) / warm - 1) : std::nullopt;
}

std::optional<giving_way> limit_finder::add(const measures& second, const series_point& point) {
  if (what_.stop.when_not.empty()) return std::nullopt;
  window_.emplace_back().merge(second);
  if (window_.size() > static_cast<std::size_t>(what_.stop.window_seconds)) window_.pop_front();
  measures all;
  for (const auto& m : window_) all.merge(m);
  for (const auto& condition : what_.stop.when_not) {
    auto value = measure(all, what_, condition);
    if (!value || condition.holds(*value)) continue;
    if (failing_++ == 0) {
      found_ = {point.at_seconds,
                point.planned_rate,
                held_rate_,
                held_requests_,
                condition.text,
                *value,
                point.lag_p99_ms > lag_max_ms || point.cpu_share > cpu_share_max};
    }
    return failing_ >= what_.stop.hold_seconds ? std::optional(found_) : std::nullopt;
  }
  failing_ = 0;
  held_rate_ = std::max(held_rate_, point.planned_rate);
  held_requests_ = std::max(held_requests_, point.by_outcome[static_cast<std::size_t>(outcome::planned)]);
  return std::nullopt;
}

bool run_result::passed() const {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.ok; });
}

}  // namespace usher::load
