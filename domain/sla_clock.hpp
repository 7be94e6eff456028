// An SLA clock as a fold over its list of events (sla-rules, rule 1). Everything else about it is derived.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/time.hpp"

namespace usher::domain {

class calendar;
using calendar_ptr = std::shared_ptr<const calendar>;
struct clock_policy;
using clock_policy_ptr = std::shared_ptr<const clock_policy>;

enum class clock_kind : std::uint8_t { first_response, next_response, resolution };
inline constexpr int clock_kind_count = 3;

/// A running clock that has used up this share of its target is at risk.
inline constexpr int at_risk_percent = 75;

/// A second `start` within a cycle moves the start to an earlier instant: a merge keeps the earlier of two (rule 15).
enum class clock_event_type : std::uint8_t { start, pause, resume, retarget, breach, stop, cancel };
inline constexpr int clock_event_type_count = 7;

/// `met` and `breached` are final once the clock has stopped; a breached clock may still be running or paused.
enum class clock_state : std::uint8_t { running, paused, met, breached, cancelled };

[[nodiscard]] std::string_view to_word(clock_kind kind) noexcept;
[[nodiscard]] std::string_view to_word(clock_event_type type) noexcept;
[[nodiscard]] std::string_view to_word(clock_state state) noexcept;
[[nodiscard]] std::optional<clock_kind> parse_clock_kind(std::string_view word) noexcept;
[[nodiscard]] std::optional<clock_event_type> parse_clock_event_type(std::string_view word) noexcept;

/// One entry of a clock's append-only list, as stored in `support_sla_events`.
struct clock_event {
  clock_event_type type = clock_event_type::start;
  /// When it holds. A breach is at the deadline, never at "now, when we looked" (rule 2).
  instant at{};
  /// When Usher wrote it down; differs from `at` for a breach.
  instant detected_at{};
  /// The target of a `start` or a `retarget`, in counted time.
  std::optional<milliseconds> target;
  /// Why, for pause, retarget and cancel.
  std::string reason;
  /// What a `start` or a `retarget` copies onto the clock; null leaves what it has.
  clock_policy_ptr policy = nullptr;

  bool operator==(const clock_event& other) const;
};

/// A stretch in which the clock ran, `[from, to)`; what of it counts is the calendar's to say.
struct counted_interval {
  instant from{};
  instant to{};
  calendar_ptr by;  ///< null is round the clock
};

/// The folded state of one clock in one cycle.
class sla_clock {
 public:
  /// A clock that its first event, a `start`, has set going.
  sla_clock(clock_kind kind, int cycle, const clock_event& start);

  /// Folds the next event. Events come in the order in which they were decided.
  void apply(const clock_event& event);

  [[nodiscard]] clock_kind kind() const noexcept { return kind_; }
  [[nodiscard]] int cycle() const noexcept { return cycle_; }
  [[nodiscard]] milliseconds target() const noexcept { return target_; }
  /// What it goes by; null for a clock of a test.
  [[nodiscard]] const clock_policy_ptr& policy() const noexcept { return policy_; }
  [[nodiscard]] instant started_at() const noexcept { return started_at_; }
  [[nodiscard]] std::optional<instant> stopped_at() const noexcept { return stopped_at_; }
  [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }
  /// Neither stopped nor cancelled.
  [[nodiscard]] bool is_open() const noexcept { return !stopped_at_ && !cancelled_; }
  [[nodiscard]] bool is_running() const noexcept { return is_open() && running_since_.has_value(); }
  [[nodiscard]] bool is_paused() const noexcept { return is_open() && !running_since_; }
  [[nodiscard]] bool breach_recorded() const noexcept { return breached_at_.has_value(); }
  [[nodiscard]] std::optional<instant> detected_at() const noexcept { return detected_at_; }

  /// The state as seen at `now`: a clock past its deadline is breached whether or not the timer has fired.
  [[nodiscard]] clock_state state(instant now) const noexcept;
  /// The recorded breach, or the one that `now` implies.
  [[nodiscard]] std::optional<instant> breached_at(instant now) const noexcept;
  /// The deadline: of a running clock, or the one that a stopped clock had. Nothing while paused or when cancelled.
  [[nodiscard]] std::optional<instant> due_at() const noexcept;
  /// When `percent` of the target is used up, if it goes on running (or when it was); nothing while paused before that.
  [[nodiscard]] std::optional<instant> reaches(int percent) const noexcept;
  /// Counted time up to `now`, or up to the stop.
  [[nodiscard]] milliseconds elapsed(instant now) const noexcept;
  /// What had been counted by an instant that has passed, whatever has been paused since.
  [[nodiscard]] milliseconds elapsed_by(instant then) const noexcept;

  /// The breach that has to be written before anything else may happen to this clock at `now`: open, past its target
  /// (`now > deadline`, rule 4), and not recorded yet.
  [[nodiscard]] std::optional<clock_event> pending_breach(instant now) const;
  /// The next instant at which the timer has something to do: the first millisecond after the deadline of a running
  /// clock whose breach is not recorded.
  [[nodiscard]] std::optional<instant> next_timer() const noexcept;

  /// As equal policies are one, wherever they were read.
  bool operator==(const sla_clock& other) const;

 private:
  [[nodiscard]] calendar_ptr calendar_now() const noexcept;
  /// When the counted time reached `used`; nothing when a paused clock has not come that far.
  [[nodiscard]] std::optional<instant> used_up_at(milliseconds used) const noexcept;
  [[nodiscard]] std::optional<instant> ran_out_at() const noexcept { return used_up_at(target_); }
  void move_start(instant to);
  void retarget(const clock_event& event);
  void close_interval(instant at);

  clock_kind kind_;
  bool cancelled_ = false;
  int cycle_;
  instant started_at_;
  milliseconds target_;
  clock_policy_ptr policy_;
  milliseconds elapsed_before_{0};  ///< counted before `running_since_`
  maybe_instant running_since_;
  maybe_instant stopped_at_;
  maybe_instant stopped_due_;  ///< the deadline that stood when the clock stopped
  maybe_instant breached_at_;
  maybe_instant detected_at_;
  std::vector<counted_interval> counted_;  ///< the closed stretches, for a target that turns out to be used up already
};

}  // namespace usher::domain
