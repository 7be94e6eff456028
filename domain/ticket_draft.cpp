#include "domain/ticket_draft.hpp"

#include <array>

#include "domain/wedding_day.hpp"

namespace usher::domain {

namespace {

constexpr std::array all_clocks{clock_kind::first_response, clock_kind::next_response, clock_kind::resolution};

/// Which clocks count in which state (contract, section 4.2).
bool counts(clock_kind kind, const ticket& t) {
  if (t.deleted_at) return false;
  switch (t.status) {
    case ticket_status::pending:
      return kind == clock_kind::first_response;
    case ticket_status::on_hold:
      return kind != clock_kind::resolution;
    default:
      return true;
  }
}

}  // namespace

void draft::emit(ticket_event event) {
  apply(state_, event, context_.now);
  events_.push_back(std::move(event));
}

const sla_clock* draft::open(clock_kind kind) const {
  const auto* clock = state_.latest(kind);
  return clock != nullptr && clock->is_open() ? clock : nullptr;
}

// The thresholds of the day that have passed are taken one by one, each at its instant: what was due before one of them
// is recorded under the targets that held then.
void draft::settle(bool after_outage) {
  while (state_.wedding && state_.counts_as_open()) {
    auto next = next_change(state_.wedding->at, looked_at_);
    if (!next || *next > context_.now) break;
    at_ = looked_at_ = *next;
    settle_breaches();
    read_text();
    look_at_the_day("the wedding day");
  }
  at_ = context_.now;
  settle_breaches();
  settle_levels(after_outage);
}

void draft::settle_breaches() {
  for (std::size_t i = 0; i < state_.clocks.size(); ++i) {
    const auto& clock = state_.clocks[i];
    if (auto breach = clock.pending_breach(at_)) {
      breach->detected_at = context_.now;
      emit(clock_changed{clock.kind(), clock.cycle(), std::move(*breach)});
    }
  }
}

void draft::start(clock_kind kind, std::optional<instant> since) {
  auto target = policy()->targets.of(kind);
  if (!target) return;
  const auto* last = state_.latest(kind);
  int cycle = last == nullptr ? 1 : last->cycle() + 1;
  auto begin = event(clock_event_type::start);
  if (since && *since < begin.at) begin.at = *since;
  begin.target = target_of(kind, *target, nullptr, begin.at);
  begin.policy = policy();
  emit(clock_changed{kind, cycle, std::move(begin)});
}

void draft::stop(clock_kind kind) {
  if (const auto* clock = open(kind)) emit(clock_changed{kind, clock->cycle(), event(clock_event_type::stop)});
}

void draft::stop_all() {
  for (auto kind : all_clocks) stop(kind);
}

void draft::cancel_all(const std::string& why) {
  for (auto kind : all_clocks) {
    if (const auto* clock = open(kind)) emit(clock_changed{kind, clock->cycle(), event(clock_event_type::cancel, why)});
  }
  end_waiting();
}

void draft::start_earlier(clock_kind kind, instant since) {
  const auto* clock = open(kind);
  if (clock == nullptr || since >= clock->started_at()) return;
  auto moved = event(clock_event_type::start, "merged", clock->target());
  moved.at = since;
  emit(clock_changed{kind, clock->cycle(), std::move(moved)});
}

void draft::align() {
  std::string why = state_.deleted_at ? "deleted" : std::string(to_word(state_.status));
  for (auto kind : all_clocks) {
    const auto* clock = open(kind);
    if (clock == nullptr) continue;
    bool wanted = counts(kind, state_);
    if (clock->is_running() && !wanted)
      emit(clock_changed{kind, clock->cycle(), event(clock_event_type::pause, why)});
    else if (clock->is_paused() && wanted)
      emit(clock_changed{kind, clock->cycle(), event(clock_event_type::resume)});
  }
}

void draft::retarget(const std::string& why) {
  for (auto kind : all_clocks) {
    const auto* clock = open(kind);
    if (clock == nullptr) continue;
    auto target = policy()->targets.of(kind);
    if (!target) {
      emit(clock_changed{kind, clock->cycle(), event(clock_event_type::cancel, "no target: " + why)});
      continue;
    }
    auto wanted = target_of(kind, *target, clock, clock->started_at());
    if (wanted == clock->target() && same_policy(policy(), clock->policy())) continue;
    auto changed = event(clock_event_type::retarget, why, wanted);
    changed.policy = policy();
    emit(clock_changed{kind, clock->cycle(), std::move(changed)});
  }
  settle_breaches();
}

void draft::change_status(ticket_status to) {
  auto from = state_.status;
  if (has_ended(to) && !has_ended(from)) stop_all();
  emit(status_changed{from, to});
  if (has_ended(from) && !has_ended(to)) {
    look_at_the_day("reopened");
    start(clock_kind::resolution);
  }
  align();
  end_waiting();
}

void draft::customer_wrote(std::optional<instant> since) {
  if (open(clock_kind::first_response) != nullptr || open(clock_kind::next_response) != nullptr) return;
  start(clock_kind::next_response, since);
}

void draft::staff_answered() {
  stop(clock_kind::first_response);
  stop(clock_kind::next_response);
  end_waiting();
}

}  // namespace usher::domain
