#include "domain/sla_clock.hpp"

#include <algorithm>
#include <array>

#include "domain/clock_policy.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, clock_kind_count> kind_words{"first_response", "next_response", "resolution"};
constexpr std::array<std::string_view, clock_event_type_count> type_words{"start",  "pause", "resume", "retarget",
                                                                          "breach", "stop",  "cancel"};
constexpr std::array<std::string_view, 5> state_words{"running", "paused", "met", "breached", "cancelled"};

template <class Enum, std::size_t N>
std::optional<Enum> find_word(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

milliseconds counted(instant from, instant to, const calendar* by) noexcept {
  if (to <= from) return milliseconds{0};
  return by == nullptr ? to - from : by->counted(from, to);
}

/// When `span` has been counted since `from`. A calendar that stays shut for years makes it the end of time.
instant after(instant from, milliseconds span, const calendar* by) noexcept {
  return by == nullptr ? from + span : by->after(from, span).value_or(latest_instant);
}

}  // namespace

bool clock_event::operator==(const clock_event& other) const {
  return type == other.type && at == other.at && detected_at == other.detected_at && target == other.target &&
         reason == other.reason && same_policy(policy, other.policy);
}

std::string_view to_word(clock_kind kind) noexcept { return kind_words[static_cast<std::size_t>(kind)]; }
std::string_view to_word(clock_event_type type) noexcept { return type_words[static_cast<std::size_t>(type)]; }
std::string_view to_word(clock_state state) noexcept { return state_words[static_cast<std::size_t>(state)]; }

std::optional<clock_kind> parse_clock_kind(std::string_view word) noexcept {
  return find_word<clock_kind>(kind_words, word);
}

std::optional<clock_event_type> parse_clock_event_type(std::string_view word) noexcept {
  return find_word<clock_event_type>(type_words, word);
}

sla_clock::sla_clock(clock_kind kind, int cycle, const clock_event& start)
    : kind_(kind),
      cycle_(cycle),
      started_at_(start.at),
      target_(start.target.value_or(milliseconds{0})),
      policy_(start.policy),
      running_since_(start.at) {}

// Events of a clock that has ended change nothing: replay of a stored list must not depend on who wrote it.
void sla_clock::apply(const clock_event& event) {
  if (!is_open()) return;
  switch (event.type) {
    case clock_event_type::start:
      if (event.at < started_at_) move_start(event.at);
      break;
    case clock_event_type::pause:
      if (running_since_) close_interval(event.at);
      break;
    case clock_event_type::resume:
      if (!running_since_) running_since_ = event.at;
      break;
    case clock_event_type::retarget:
      retarget(event);
      break;
    case clock_event_type::breach:
      if (!breached_at_) {
        breached_at_ = event.at;
        detected_at_ = event.detected_at;
      }
      break;
    case clock_event_type::stop:
      stopped_due_ = due_at();
      if (running_since_) close_interval(event.at);
      stopped_at_ = event.at;
      break;
    case clock_event_type::cancel:
      if (running_since_) close_interval(event.at);
      cancelled_ = true;
      break;
  }
}

// What was counted under another calendar stays counted (rule 5).
void sla_clock::retarget(const clock_event& event) {
  target_ = event.target.value_or(target_);
  if (!event.policy || same_policy(event.policy, policy_)) return;
  auto before = calendar_now();
  bool other = !policy_ || before != event.policy->calendar;
  if (running_since_ && other) {
    close_interval(event.at);
    running_since_ = event.at;
  }
  policy_ = event.policy;
}

calendar_ptr sla_clock::calendar_now() const noexcept { return policy_ ? policy_->calendar : nullptr; }

void sla_clock::close_interval(instant at) {
  instant end = std::max(at, *running_since_);  // a wall clock that was set back counts nothing
  auto by = calendar_now();
  elapsed_before_ += counted(*running_since_, end, by.get());
  if (end > *running_since_) counted_.push_back({*running_since_, end, std::move(by)});
  running_since_.reset();
}

void sla_clock::move_start(instant to) {
  if (!counted_.empty() && counted_.front().from == started_at_) {
    auto& first = counted_.front();
    elapsed_before_ += counted(to, started_at_, first.by.get());
    first.from = to;
  } else if (running_since_ && *running_since_ == started_at_) {
    running_since_ = to;
  } else {
    auto by = calendar_now();
    elapsed_before_ += counted(to, started_at_, by.get());
    counted_.insert(counted_.begin(), {to, started_at_, std::move(by)});
  }
  started_at_ = to;
}

std::optional<instant> sla_clock::reaches(int percent) const noexcept { return used_up_at(target_ * percent / 100); }

clock_state sla_clock::state(instant now) const noexcept {
  if (cancelled_) return clock_state::cancelled;
  if (breached_at(now)) return clock_state::breached;
  if (stopped_at_) return clock_state::met;
  return running_since_ ? clock_state::running : clock_state::paused;
}

std::optional<instant> sla_clock::breached_at(instant now) const noexcept {
  if (breached_at_) return breached_at_;
  if (!is_open() || elapsed(now) <= target_) return std::nullopt;
  return ran_out_at();
}

std::optional<instant> sla_clock::due_at() const noexcept {
  if (cancelled_) return std::nullopt;
  if (stopped_at_) return stopped_due_;
  return running_since_ ? ran_out_at() : std::nullopt;
}

milliseconds sla_clock::elapsed(instant now) const noexcept {
  return running_since_ ? elapsed_before_ + counted(*running_since_, now, calendar_now().get()) : elapsed_before_;
}

milliseconds sla_clock::elapsed_by(instant then) const noexcept {
  milliseconds sum{0};
  for (const auto& interval : counted_)
    if (interval.from < then) sum += counted(interval.from, std::min(interval.to, then), interval.by.get());
  if (running_since_ && *running_since_ < then) sum += counted(*running_since_, then, calendar_now().get());
  return sum;
}

// A target that is used up in the very moment in which a pause begins runs out when the pause ends: the deadline is the
// start plus the target plus the pauses.
std::optional<instant> sla_clock::used_up_at(milliseconds used) const noexcept {
  milliseconds left = used;
  for (const auto& interval : counted_) {
    milliseconds length = counted(interval.from, interval.to, interval.by.get());
    if (left < length) return after(interval.from, left, interval.by.get());
    left -= length;
  }
  if (!running_since_) return std::nullopt;
  return after(*running_since_, left, calendar_now().get());
}

// A paused clock that used up its target to the last millisecond has not run over it (`t <= deadline` is met).
std::optional<clock_event> sla_clock::pending_breach(instant now) const {
  if (!is_open() || breached_at_) return std::nullopt;
  if (elapsed(now) <= target_) return std::nullopt;
  return clock_event{clock_event_type::breach, *ran_out_at(), now, std::nullopt, {}};
}

std::optional<instant> sla_clock::next_timer() const noexcept {
  if (!is_running() || breached_at_) return std::nullopt;
  return *ran_out_at() + milliseconds{1};
}

bool sla_clock::operator==(const sla_clock& other) const {
  auto same_interval = [](const counted_interval& a, const counted_interval& b) {
    bool same_calendar = a.by == b.by || (a.by && b.by && *a.by == *b.by);
    return a.from == b.from && a.to == b.to && same_calendar;
  };
  return kind_ == other.kind_ && cancelled_ == other.cancelled_ && cycle_ == other.cycle_ &&
         started_at_ == other.started_at_ && target_ == other.target_ && same_policy(policy_, other.policy_) &&
         elapsed_before_ == other.elapsed_before_ && running_since_ == other.running_since_ &&
         stopped_at_ == other.stopped_at_ && stopped_due_ == other.stopped_due_ && breached_at_ == other.breached_at_ &&
         detected_at_ == other.detected_at_ && std::ranges::equal(counted_, other.counted_, same_interval);
}

}  // namespace usher::domain
