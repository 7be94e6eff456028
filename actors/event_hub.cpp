#include "actors/event_hub.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace usher {

bool event_filter::takes(const domain::feed_event& e) const noexcept {
  if (ticket && e.ticket != ticket) return false;
  return types.empty() || std::ranges::find(types, e.type) != types.end();
}

}  // namespace usher

namespace usher::actors {

namespace {

constexpr auto while_followed = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::optional<event_position> event_position::parse(std::string_view text) noexcept {
  event_position out;
  const char* begin = text.data();
  const char* end = begin + text.size();
  auto ms = std::from_chars(begin, end, out.ms);
  if (ms.ec != std::errc() || out.ms < 0 || ms.ptr == end || *ms.ptr != '-') return std::nullopt;
  auto number = std::from_chars(ms.ptr + 1, end, out.number);
  if (number.ec != std::errc() || number.ptr != end) return std::nullopt;
  return out;
}

void event_hub::publish(const domain::change& what) {
  if (is_followed()) add(domain::feed_of(what));
}

void event_hub::publish(const domain::alert_event& what) {
  if (is_followed()) add({domain::feed_of(what)});
}

void event_hub::add(std::vector<domain::feed_event> events) {
  std::map<const event_source*, std::function<void()>> woken;
  {
    std::scoped_lock guard(mutex_);
    drop_when_left();
    if (!is_followed() || closed_) return;
    last_ms_ = std::max(last_ms_, clock_.now().time_since_epoch().count());
    for (auto& event : events) {
      event_position at{last_ms_, first_ + kept_.size()};
      kept_.push_back({at.text(), std::make_shared<const domain::feed_event>(std::move(event))});
    }
    for (; kept_.size() > kept_max; kept_.pop_front()) ++first_;
    if (!events.empty()) woken.swap(waiting_);
  }
  for (const auto& [who, wake] : woken) wake();
}

// Numbers go on rising: those of a buffer that was dropped are not given again.
void event_hub::drop_when_left() {
  auto until = until_ms_.load();
  if (until == 0 || until == while_followed || clock_.now().time_since_epoch().count() <= until) return;
  first_ += kept_.size();
  kept_.clear();
  until_ms_ = 0;
}

bool event_hub::enter() {
  std::scoped_lock guard(mutex_);
  if (closed_ || followers_ >= followers_max) return false;
  drop_when_left();
  ++followers_;
  until_ms_ = while_followed;
  return true;
}

void event_hub::leave(const event_source* who) {
  std::function<void()> dropped;  // outside the lock: what it holds may do anything at its end
  std::scoped_lock guard(mutex_);
  if (auto waits = waiting_.find(who); waits != waiting_.end()) {
    dropped = std::move(waits->second);
    waiting_.erase(waits);
  }
  if (--followers_ == 0) until_ms_ = (clock_.now() + kept_for).time_since_epoch().count();
}

std::pair<event_position, std::uint64_t> event_hub::head() const {
  std::scoped_lock guard(mutex_);
  auto next = first_ + kept_.size();
  if (kept_.empty()) return {{clock_.now().time_since_epoch().count(), 0}, next};
  return {{last_ms_, next - 1}, next};
}

std::optional<std::uint64_t> event_hub::number_after(const event_position& at) const {
  std::scoped_lock guard(mutex_);
  if (at.number < first_ || at.number >= first_ + kept_.size()) return std::nullopt;
  // The same number of an earlier process is another event.
  if (kept_[at.number - first_].position != at.text()) return std::nullopt;
  return at.number + 1;
}

void event_hub::close() {
  std::map<const event_source*, std::function<void()>> woken;
  {
    std::scoped_lock guard(mutex_);
    closed_ = true;
    woken.swap(waiting_);
  }
  for (const auto& [who, wake] : woken) wake();
}

}  // namespace usher::actors
