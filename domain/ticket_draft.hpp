// The next state of a ticket while it is being decided.
#pragma once

#include <string>
#include <vector>

#include "domain/ticket_decide.hpp"

namespace usher::domain {

/// Every event that is decided is folded at once, so that what follows is decided on it.
class draft {
 public:
  draft(ticket state, const decision_context& context) : state_(std::move(state)), context_(context) {}

  [[nodiscard]] const ticket& state() const { return state_; }
  [[nodiscard]] const decision_context& context() const { return context_; }
  [[nodiscard]] std::vector<ticket_event> take() && { return std::move(events_); }

  void emit(ticket_event event);

  /// Writes the breaches that time has brought about: before anything stops, pauses or moves a clock (rule 3).
  void settle();
  /// Starts the next cycle of a clock, if it has a target; `since` is now, or an earlier instant that is still owed.
  void start(clock_kind kind, std::optional<instant> since = std::nullopt);
  void stop(clock_kind kind);
  void stop_all();
  void cancel_all(const std::string& why);
  /// Moves the start of an open clock back, when `since` is earlier (rule 15).
  void start_earlier(clock_kind kind, instant since);
  /// Pauses what no longer counts and resumes what does.
  void align();
  /// Gives the open clocks the targets of the priority that holds now (rules 5 and 6).
  void retarget(const std::string& why);
  void change_status(ticket_status to);
  /// `next_response` waits for nobody while the first reply is still owed (rule 8).
  void customer_wrote(std::optional<instant> since = std::nullopt);
  void staff_answered();

 private:
  [[nodiscard]] const sla_clock* open(clock_kind kind) const;
  [[nodiscard]] const sla_targets& targets() const { return context_.policies->at(state_.tier, state_.priority); }
  [[nodiscard]] clock_event event(clock_event_type type, std::string why = {},
                                  std::optional<milliseconds> target = std::nullopt) const {
    return {type, context_.now, context_.now, target, std::move(why)};
  }

  ticket state_;
  const decision_context& context_;
  std::vector<ticket_event> events_;
};

[[nodiscard]] inline bool has_ended(ticket_status s) noexcept {
  return s == ticket_status::resolved || s == ticket_status::closed;
}

}  // namespace usher::domain
