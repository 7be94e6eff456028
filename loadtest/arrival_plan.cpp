#include "loadtest/arrival_plan.hpp"

#include <algorithm>
#include <cmath>

#include "loadtest/cast.hpp"

namespace usher::load {

namespace {

double area(const stage& s) { return (s.from + s.to) / 2 * in_seconds(s.duration); }

/// When the area under the stage's rate has grown to `due`: the root of from·t + (to−from)/(2·d)·t² = due, in the form
/// that does not cancel.
nanoseconds when(const stage& s, double due) {
  double slope = (s.to - s.from) / in_seconds(s.duration);
  double root = std::sqrt(std::max(0.0, s.from * s.from + 2 * slope * due));
  double seconds = s.from + root > 0 ? 2 * due / (s.from + root) : in_seconds(s.duration);
  return std::min(from_seconds(seconds), s.duration);
}

}  // namespace

arrival_plan::arrival_plan(const scenario& what, std::uint64_t seed) : what_(what), lots_(draw(seed, "arrivals", 0)) {
  double sum = 0;
  for (const auto& j : what.journeys) weights_.push_back(sum += j.weight);
  nanoseconds begin{0};
  for (const auto& s : what.stages) {
    begins_.push_back(begin);
    begin += s.duration;
  }
  plan_stage_arrival();
  for (const auto& b : what.bursts) {
    bursts_.push_back({&b, 0, nanoseconds{0}});
    plan_burst_arrival(bursts_.back());
  }
}

void arrival_plan::plan_stage_arrival() {
  next_.reset();
  due_ += what_.poisson ? lots_.gap() : 1;
  while (stage_ < what_.stages.size() && due_ > area(what_.stages[stage_])) due_ -= area(what_.stages[stage_++]);
  if (stage_ < what_.stages.size()) next_ = begins_[stage_] + when(what_.stages[stage_], due_);
}

// Each has a slot of its own within the burst, and comes at some instant of it.
void arrival_plan::plan_burst_arrival(burst_state& state) {
  if (state.done == state.what->count) return;
  double slot = static_cast<double>(state.done) + (what_.poisson ? lots_.share() : 0.5);
  state.at =
      state.what->at + from_seconds(in_seconds(state.what->within) * slot / static_cast<double>(state.what->count));
}

std::size_t arrival_plan::stage_at(nanoseconds at) const {
  auto after = std::upper_bound(begins_.begin(), begins_.end(), at);
  return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

std::size_t arrival_plan::draw_journey() {
  double lot = lots_.share() * weights_.back();
  auto found = std::upper_bound(weights_.begin(), weights_.end(), lot);
  return std::min(static_cast<std::size_t>(found - weights_.begin()), weights_.size() - 1);
}

std::optional<arrival> arrival_plan::next() {
  burst_state* first = nullptr;
  for (auto& b : bursts_) {
    if (b.done < b.what->count && (first == nullptr || b.at < first->at)) first = &b;
  }
  if (first != nullptr && (!next_ || first->at < *next_)) {
    arrival out{first->at, stage_at(first->at), first->what->journey, lots_.next(), first->done};
    ++first->done;
    plan_burst_arrival(*first);
    return out;
  }
  if (!next_) return std::nullopt;
  arrival out{*next_, stage_, draw_journey(), lots_.next(), std::nullopt};
  plan_stage_arrival();
  return out;
}

double planned_rate(const scenario& what, nanoseconds at) {
  double rate = 0;
  nanoseconds begin{0};
  for (const auto& s : what.stages) {
    if (at >= begin && at < begin + s.duration)
      rate = s.from + (s.to - s.from) * in_seconds(at - begin) / in_seconds(s.duration);
    begin += s.duration;
  }
  for (const auto& b : what.bursts) {
    if (b.within > nanoseconds{0} && at >= b.at && at < b.at + b.within)
      rate += static_cast<double>(b.count) / in_seconds(b.within);
  }
  return rate;
}

}  // namespace usher::load
