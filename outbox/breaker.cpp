#include "outbox/breaker.hpp"

#include <algorithm>

namespace usher::outbox {

breaker::breaker(breaker_settings settings) : settings_(settings) {}

bool breaker::admit(time_point now) {
  if (state_ == state::closed) return true;
  if (now < until_) return false;
  state_ = state::probing;
  until_ = now + settings_.open;
  return true;
}

void breaker::record(bool ok, time_point now) {
  if (state_ == state::open) return;
  if (state_ == state::probing) {
    if (!ok) return open_at(now);
    state_ = state::closed;
    results_.clear();
    return;
  }
  results_.push_back(ok);
  if (results_.size() > settings_.window) results_.pop_front();
  const auto failed = static_cast<double>(std::ranges::count(results_, false));
  const auto all = static_cast<double>(results_.size());
  if (results_.size() >= settings_.results_min && failed >= settings_.failure_rate * all) open_at(now);
}

std::optional<breaker::time_point> breaker::next_try() const noexcept {
  return state_ == state::closed ? std::nullopt : std::optional(until_);
}

void breaker::open_at(time_point now) {
  state_ = state::open;
  until_ = now + settings_.open;
  results_.clear();
}

}  // namespace usher::outbox
