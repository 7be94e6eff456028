// The next state of a ticket while it is being decided.
#pragma once

#include <string>
#include <vector>

#include "domain/ticket_decide.hpp"

namespace usher::domain {

/// Every event that is decided is folded at once, so that what follows is decided on it.
class draft {
 public:
  draft(ticket state, const decision_context& context)
      : state_(std::move(state)), context_(context), at_(context.now), looked_at_(state_.updated_at) {}

  [[nodiscard]] const ticket& state() const { return state_; }
  [[nodiscard]] const decision_context& context() const { return context_; }
  [[nodiscard]] std::vector<ticket_event> take() && { return std::move(events_); }

  void emit(ticket_event event);

  // -- what time has brought about --
  /// Records it, before anything stops, pauses or moves a clock (rule 3): breaches, thresholds of the wedding day, and
  /// levels of the ladder, each at its instant.
  void settle(bool after_outage = false);

  // -- clocks --
  /// Starts the next cycle of a clock, if it has a target; `since` is now, or an earlier instant that is still owed.
  void start(clock_kind kind, std::optional<instant> since = std::nullopt);
  void stop(clock_kind kind);
  void stop_all();
  void cancel_all(const std::string& why);
  /// Moves the start of an open clock back, when `since` is earlier (rule 15).
  void start_earlier(clock_kind kind, instant since);
  /// Pauses what no longer counts and resumes what does.
  void align();
  /// Gives the open clocks the targets that hold now (rules 5 and 6).
  void retarget(const std::string& why);
  void change_status(ticket_status to);
  /// `next_response` waits for nobody while the first reply is still owed (rule 8).
  void customer_wrote(std::optional<instant> since = std::nullopt);
  void staff_answered();

  // -- the wedding day --
  /// Looks at the text anew, and at the day.
  void read_text();
  /// Derives the urgency from text and day, and what follows from it: priority, targets, the emergency protocol.
  void look_at_the_day(const std::string& why);
  /// Staff have started the protocol by hand.
  void begin_emergency();

  // -- the ladder --
  /// Tells a level about an open clock. A level that reaches nobody hands over at once (rule 13).
  void escalate(const sla_clock& clock, int level, escalation_cause cause, instant scheduled_at, std::string reason);
  void hand_up(int level);
  void acknowledge();

  // -- who has it --
  void assign(std::string to, assignment_note_ptr note = nullptr, std::shared_ptr<void> hold = nullptr,
              bool takes_back = false);
  /// Gives a new ticket to whoever suits, if the desk does that by itself.
  void give_out();
  /// What a level does that reassigns.
  void reassign(int level);

  /// The clock that a level without a percentage belongs to: the one that people wait for.
  [[nodiscard]] const sla_clock* urgent_clock() const;

 private:
  void settle_breaches();
  void settle_levels(bool after_outage);
  void end_waiting();
  void start_protocol();
  void move_priority(domain::priority to, std::optional<domain::priority> raised_from);
  [[nodiscard]] urgency derived_urgency() const;
  [[nodiscard]] const sla_clock* open(clock_kind kind) const;
  [[nodiscard]] const clock_policy_ptr& policy() const {
    return context_.settings->policy(state_.tier, state_.priority, state_.urgency == urgency::emergency);
  }
  /// The target that the policy and the wedding day give to a clock that started at `started`.
  [[nodiscard]] milliseconds target_of(clock_kind kind, milliseconds target, const sla_clock* running,
                                       instant started) const;
  [[nodiscard]] clock_event event(clock_event_type type, std::string why = {},
                                  std::optional<milliseconds> target = std::nullopt) const {
    return {type, at_, context_.now, target, std::move(why)};
  }

  ticket state_;
  const decision_context& context_;
  instant at_;         ///< when what is being recorded held: now, or a threshold of the day that has passed
  instant looked_at_;  ///< up to when the thresholds of the day have been taken
  std::vector<ticket_event> events_;
};

/// The persons that a rule's recipients are, by their ids; `emergency_channel` stands for itself.
[[nodiscard]] std::vector<std::string> people_of(const escalation_rule& rule, const ticket& t,
                                                 const desk_settings& settings);

[[nodiscard]] inline std::unexpected<error> forbidden_field(std::string_view name, std::string why) {
  std::string detail = why;
  return std::unexpected(error(errc::forbidden, std::move(detail), {{"/" + std::string(name), std::move(why)}}));
}
/// Whether the caller may give the ticket to `to`.
[[nodiscard]] result<void> check_assignment(const ticket& t, const std::string& to, const caller& by);
[[nodiscard]] result<std::vector<ticket_event>> decide_assign(const ticket& t, const assign_ticket& c,
                                                              const decision_context& context);
[[nodiscard]] result<std::vector<ticket_event>> decide_give(const ticket& t, const give_ticket& c,
                                                            const decision_context& context);

[[nodiscard]] inline bool has_ended(ticket_status s) noexcept {
  return s == ticket_status::resolved || s == ticket_status::closed;
}

}  // namespace usher::domain
