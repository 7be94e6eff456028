// What a wedding day does to a ticket (contract, sections 4.7 and 4.8).
#include <algorithm>

#include "domain/erasure.hpp"
#include "domain/ticket_draft.hpp"
#include "domain/wedding_day.hpp"

namespace usher::domain {

namespace {

/// One step up, to at least `high`.
priority raised(priority p) {
  return p == priority::low || p == priority::medium ? priority::high : priority::critical;
}

}  // namespace

void draft::read_text() {
  if (context_.reads == nullptr || state_.body == erased_text) return;  // what an erased text was about stays said
  std::optional<instant> day;
  if (state_.wedding) day = state_.wedding->at;
  auto verdict = context_.reads->read(state_.subject, state_.body, day, at_).classification;
  const auto& before = *state_.classification;
  // Whoever named the category knows better; whether the day is at stake is for the text to say.
  if (before.method == "caller") {
    verdict.category = before.category;
    verdict.confidence = before.confidence;
    verdict.method = before.method;
  }
  if (verdict != before) emit(classified{std::move(verdict)});
}

urgency draft::derived_urgency() const {
  if (state_.classification && state_.classification->emergency) return urgency::emergency;
  return state_.wedding ? urgency_at(state_.wedding->at, at_) : urgency::none;
}

void draft::move_priority(domain::priority to, std::optional<domain::priority> raised_from) {
  if (to == state_.priority && raised_from == state_.raised_from) return;
  emit(priority_moved{state_.priority, to, raised_from});
}

void draft::look_at_the_day(const std::string& why) {
  if (!state_.counts_as_open()) return;
  auto before = state_.urgency;
  auto now = derived_urgency();
  if (now != before) {
    emit(urgency_changed{before, now, at_});
    if (before == urgency::none)
      move_priority(raised(state_.priority), state_.priority);
    else if (now == urgency::none && state_.raised_from)
      move_priority(*state_.raised_from, std::nullopt);
  }
  bool protocol = state_.classification && state_.classification->emergency;
  bool begins = protocol && std::none_of(state_.escalations.begin(), state_.escalations.end(),
                                         [](const escalation& e) { return e.cause == escalation_cause::emergency; });
  if (begins) move_priority(priority::critical, state_.raised_from.value_or(state_.priority));
  if (now != before || begins) retarget(why);
  if (protocol) start_protocol();
}

void draft::begin_emergency() {
  auto before = state_.priority;
  move_priority(priority::critical, state_.raised_from.value_or(before));
  if (state_.priority != before) retarget("the emergency protocol");
}

// The key has it start once for each cycle of the clock that people wait for.
void draft::start_protocol() {
  const auto* clock = urgent_clock();
  if (clock == nullptr || clock->is_paused()) return;
  bool known = std::any_of(state_.escalations.begin(), state_.escalations.end(), [&](const escalation& e) {
    return e.level == emergency_level && (e.waits() || (e.clock == clock->kind() && e.cycle == clock->cycle()));
  });
  if (!known) escalate(*clock, emergency_level, escalation_cause::emergency, at_, "the wedding day is at stake");
}

milliseconds draft::target_of(clock_kind kind, milliseconds target, const sla_clock* running, instant started) const {
  if (kind == clock_kind::resolution || state_.urgency != urgency::emergency) return target;
  auto cap = response_cap(started, *state_.emergency_since);
  if (running == nullptr) return std::min(target, cap - started);
  auto elapsed = running->elapsed(at_);
  if (running->is_paused()) return std::min(target, elapsed + emergency_response_max);
  // A cap that has passed, while the clock was paused perhaps, ran out with what was counted by then.
  return std::min(target, cap < at_ ? running->elapsed_by(cap) : elapsed + (cap - at_));
}

}  // namespace usher::domain
