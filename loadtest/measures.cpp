#include "loadtest/measures.hpp"

#include <numeric>

namespace usher::load {

namespace {

std::size_t index(outcome o) { return static_cast<std::size_t>(o); }

/// Whether a cell has what the labels ask for; the label `status` chooses within cells.
bool matches(const cell_key& key, const scenario& names, const threshold& what) {
  for (const auto& [label, value] : what.labels) {
    if (label == "name" && names.names[key.name] != value) return false;
    if (label == "who" && to_word(key.who) != value) return false;
    if (label == "stage" && names.stages[key.stage].name != value) return false;
  }
  return true;
}

std::optional<int> status_of(const threshold& what) {
  for (const auto& [label, value] : what.labels) {
    if (label == "status") return std::atoi(value.c_str());
  }
  return std::nullopt;
}

std::optional<double> duration_of(const histogram& h, const threshold& what) {
  if (h.count() == 0) return std::nullopt;
  if (what.aggregate == "avg") return in_milliseconds(h.mean());
  if (what.aggregate == "min") return in_milliseconds(h.min());
  if (what.aggregate == "max") return in_milliseconds(h.max());
  return in_milliseconds(h.quantile(what.quantile));
}

std::uint64_t count_of(const measures& from, const cell& all, const threshold& what) {
  const auto& by = all.by_outcome;
  auto errors = by[index(outcome::unplanned)] + by[index(outcome::timed_out)] + by[index(outcome::cut)];
  if (what.metric == "errors") return errors + from.dropped;
  if (what.metric == "refused") return by[index(outcome::refused)];
  if (what.metric == "unplanned") return by[index(outcome::unplanned)];
  if (what.metric == "timeouts") return by[index(outcome::timed_out)];
  if (what.metric == "cut") return by[index(outcome::cut)];
  if (what.metric == "absent") return by[index(outcome::absent)];
  if (what.metric == "unknown") return all.unknown;
  if (what.metric == "journeys") return from.journeys;
  if (what.metric == "dropped") return from.dropped;
  auto status = status_of(what);
  if (!status) return all.requests();
  auto found = all.by_status.find(*status);
  return found == all.by_status.end() ? 0 : found->second;
}

/// Of what a count is a share, when neither `count` nor `rate` is asked for.
std::optional<std::uint64_t> whole_of(const measures& from, const cell& all, const threshold& what) {
  if (what.metric == "dropped") return from.journeys + from.dropped;
  for (std::string_view shared : {"errors", "refused", "unplanned", "timeouts", "cut", "absent"}) {
    if (what.metric == shared) return all.requests() + (what.metric == "errors" ? from.dropped : 0);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_word(outcome what) noexcept {
  constexpr std::array<std::string_view, outcomes> words{"planned",   "absent",    "refused",
                                                         "unplanned", "timed_out", "cut"};
  return words[index(what)];
}

void cell::add(const sample& what) {
  ++by_outcome[index(what.how)];
  if (what.status != 0) ++by_status[what.status];
  bool unanswered = what.how == outcome::timed_out || what.how == outcome::cut;
  if (what.write && (unanswered || what.status == 503)) ++unknown;
  if (what.how == outcome::absent) return;
  if (what.how == outcome::refused) {
    refused.record(what.corrected);
    return;
  }
  duration.record(what.corrected);
  service.record(what.service);
}

void cell::merge(const cell& other) {
  duration.merge(other.duration);
  service.merge(other.service);
  refused.merge(other.refused);
  for (std::size_t i = 0; i < outcomes; ++i) by_outcome[i] += other.by_outcome[i];
  for (const auto& [status, count] : other.by_status) by_status[status] += count;
  unknown += other.unknown;
}

std::uint64_t cell::requests() const { return std::accumulate(by_outcome.begin(), by_outcome.end(), std::uint64_t{0}); }

void measures::merge(const measures& other) {
  for (const auto& [key, figures] : other.cells) cells[key].merge(figures);
  lag.merge(other.lag);
  journeys += other.journeys;
  dropped += other.dropped;
  skipped += other.skipped;
  seconds += other.seconds;
}

cell measures::sum() const {
  cell all;
  for (const auto& [key, figures] : cells) all.merge(figures);
  return all;
}

std::optional<double> measure(const measures& from, const scenario& names, const threshold& what) {
  if (what.metric == "scheduling_lag") return duration_of(from.lag, what);
  if (what.metric == "memory_growth") return from.memory_growth;
  if (what.metric == "lost") return from.lost ? std::optional(static_cast<double>(*from.lost)) : std::nullopt;
  cell all;
  for (const auto& [key, figures] : from.cells) {
    if (matches(key, names, what)) all.merge(figures);
  }
  if (what.metric == "http_req_duration") return duration_of(all.duration, what);
  if (what.metric == "http_req_service") return duration_of(all.service, what);
  if (what.metric == "http_req_refused_duration") return duration_of(all.refused, what);
  auto count = static_cast<double>(count_of(from, all, what));
  if (what.aggregate == "rate") return from.seconds > 0 ? count / from.seconds : 0;
  // `dropped == 0` and `dropped < 1%` both read as they look: nothing is nothing.
  auto whole = what.aggregate == "count" ? std::nullopt : whole_of(from, all, what);
  if (!whole) return count;
  return *whole > 0 ? count / static_cast<double>(*whole) : 0;
}

}  // namespace usher::load
