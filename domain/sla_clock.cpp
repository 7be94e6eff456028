#include "domain/sla_clock.hpp"

#include <algorithm>
#include <array>

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

}  // namespace

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
      target_ = event.target.value_or(target_);
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

void sla_clock::close_interval(instant at) {
  instant end = std::max(at, *running_since_);  // a wall clock that was set back counts nothing
  elapsed_before_ += counted(*running_since_, end);
  if (end > *running_since_) counted_.push_back({*running_since_, end});
  running_since_.reset();
}

void sla_clock::move_start(instant to) {
  if (!counted_.empty() && counted_.front().from == started_at_) {
    counted_.front().from = to;
    elapsed_before_ += counted(to, started_at_);
  } else if (running_since_ && *running_since_ == started_at_) {
    running_since_ = to;
  } else {
    counted_.insert(counted_.begin(), {to, started_at_});
    elapsed_before_ += counted(to, started_at_);
  }
  started_at_ = to;
}

std::optional<instant> sla_clock::reaches(int percent) const noexcept { return used_up_at(target_ * percent / 100); }

milliseconds sla_clock::counted(instant from, instant to) noexcept { return to > from ? to - from : milliseconds{0}; }

instant sla_clock::after(instant from, milliseconds counted_time) noexcept { return from + counted_time; }

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
  return running_since_ ? elapsed_before_ + counted(*running_since_, now) : elapsed_before_;
}

// A target that is used up in the very moment in which a pause begins runs out when the pause ends: the deadline is the
// start plus the target plus the pauses.
std::optional<instant> sla_clock::used_up_at(milliseconds used) const noexcept {
  milliseconds left = used;
  for (const auto& interval : counted_) {
    milliseconds length = counted(interval.from, interval.to);
    if (left < length) return after(interval.from, left);
    left -= length;
  }
  if (!running_since_) return std::nullopt;
  return after(*running_since_, left);
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

}  // namespace usher::domain
