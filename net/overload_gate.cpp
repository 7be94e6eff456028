#include "net/overload_gate.hpp"

namespace usher::net {

namespace {

/// Of the limit, what each may fill.
constexpr double share_of(importance what) noexcept {
  switch (what) {
    case importance::vital:
    case importance::urgent:
      return 1.5;  // a limit that has just been lowered is below what is in flight: that is not to hit these
    case importance::write:
      return 0.85;
    case importance::read:
      return 0.7;
    case importance::list:
      return 0.5;
  }
  return 0.5;
}

constexpr double cut_most = 0.5;    ///< the limit shrinks to no less than this at once
constexpr double cut_least = 0.95;  ///< and to this at least
constexpr double rise_quick = 1.25;
constexpr double rise_slow = 1.05;
constexpr double binding = 0.7;  ///< of the limit: it is what holds the desk back, so that raising it tells something

}  // namespace

bool overload_gate::fits(importance what, bool change) const noexcept {
  const auto below = [what](const line& l) { return l.in_flight < l.limit * share_of(what); };
  return below(lines_[1]) && (change || below(lines_[0]));
}

/// Ends the interval, if it is over, and sets the limit for the next one.
void overload_gate::look(line& l, time now) const noexcept {
  if (l.begun == time{}) l.begun = now;
  const auto passed = now - l.begun;
  if (passed < rules_.interval) return;
  std::chrono::nanoseconds waited{0};
  if (l.returned > 0) {
    waited = l.waited / l.returned;
  } else if (l.in_flight > 0) {
    // Nothing came back: it stands still, and has for so long.
    waited = passed;
    if (waited <= rules_.target) return;
  }
  const auto target = std::chrono::duration<double>(rules_.target).count();
  const auto seconds = std::chrono::duration<double>(waited).count();
  if (seconds > target) {
    const auto cut = std::clamp(target / seconds, cut_most, cut_least);
    l.limit = std::min(l.limit, static_cast<double>(l.most)) * cut;
  } else if (seconds <= target / 2) {
    l.limit = l.limit * rise_quick + 1;
  } else if (l.most >= l.limit * binding) {
    l.limit = l.limit * rise_slow + 1;
  }
  l.limit = std::clamp(l.limit, rules_.in_flight_min, rules_.in_flight_max);
  l.begun = now;
  l.most = l.in_flight;
  l.returned = 0;
  l.waited = {};
}

bool overload_gate::has_room(importance what, bool change, time now) {
  if (!is_on() || what == importance::vital) return true;
  std::scoped_lock guard(mutex_);
  for (auto& l : lines_) look(l, now);
  return fits(what, change);
}

bool overload_gate::enter(importance what, bool change, time now) {
  std::scoped_lock guard(mutex_);
  auto& mine = lines_[change ? 1 : 0];
  if (is_on()) {
    for (auto& l : lines_) look(l, now);
    if (what != importance::vital && !fits(what, change)) return false;
  }
  mine.most = std::max(mine.most, ++mine.in_flight);
  return true;
}

void overload_gate::leave(bool change, time entered, time now, bool waited) {
  std::scoped_lock guard(mutex_);
  auto& l = lines_[change ? 1 : 0];
  --l.in_flight;
  if (waited) {
    ++l.returned;
    l.waited += now - entered;
  }
  if (is_on()) look(l, now);
}

double overload_gate::limit(bool change) const {
  std::scoped_lock guard(mutex_);
  return lines_[change ? 1 : 0].limit;
}

int overload_gate::in_flight(bool change) const {
  std::scoped_lock guard(mutex_);
  return lines_[change ? 1 : 0].in_flight;
}

}  // namespace usher::net
