// A ticket on the escalation ladder (contract, section 5).
#include <algorithm>
#include <array>

#include "domain/ticket_draft.hpp"

namespace usher::domain {

namespace {

constexpr std::string_view emergency_channel = "emergency_channel";

std::optional<role> role_of(std::string_view recipient) {
  if (recipient == "supervisors") return role::supervisor;
  if (recipient == "managers") return role::manager;
  if (recipient == "executives") return role::executive;
  return std::nullopt;
}

bool serves(const agent& a, const ticket& t) {
  return a.organizations.empty() || std::ranges::find(a.organizations, t.organization) != a.organizations.end();
}

escalation about(const sla_clock& clock, int level) {
  escalation e;
  e.id = escalation_id::generate();
  e.clock = clock.kind();
  e.cycle = clock.cycle();
  e.level = level;
  return e;
}

struct due_level {
  const sla_clock* clock;
  int level;
  instant at;
};

/// Every level of the open clocks that has come, in the order in which they came.
std::vector<due_level> due_levels(const ticket& t, instant now) {
  std::vector<due_level> due;
  for (const auto& clock : t.clocks) {
    if (!clock.is_open() || !clock.policy()) continue;
    for (int level = 1; level <= level_max; ++level) {
      auto at = level_due_at(clock, level);
      if (at && *at <= now && !t.has_escalation(clock.kind(), clock.cycle(), level))
        due.push_back({&clock, level, *at});
    }
  }
  std::ranges::stable_sort(due, [](const auto& a, const auto& b) { return a.at < b.at; });
  return due;
}

}  // namespace

std::vector<std::string> people_of(const escalation_rule& rule, const ticket& t, const desk_settings& settings) {
  std::vector<std::string> people;
  auto add = [&people](std::string_view id) {
    if (std::ranges::find(people, id) == people.end()) people.emplace_back(id);
  };
  if (rule.channels.empty()) return people;
  for (const auto& recipient : rule.recipients) {
    if (recipient == emergency_channel) add(recipient);
    if (recipient == "assignee" && !t.assignee_id.empty()) add(t.assignee_id);
    auto wanted = role_of(recipient);
    for (const auto& [id, a] : settings.agents) {
      bool meant =
          (wanted && a.role == *wanted) || (recipient == "specialists" && a.wedding_specialist) || recipient == id;
      if (meant && serves(a, t)) add(id);
    }
  }
  return people;
}

const sla_clock* draft::urgent_clock() const {
  for (auto kind : {clock_kind::first_response, clock_kind::next_response, clock_kind::resolution})
    if (const auto* clock = open(kind)) return clock;
  return nullptr;
}

// What is due is found anew after each level: telling one may move a clock, or reach another level.
void draft::settle_levels(bool after_outage) {
  auto due = due_levels(state_, at_);
  while (!due.empty()) {
    auto next = due.front();
    auto scheduled = *next.clock->reaches(*next.clock->policy()->rule(next.level).percent);
    bool higher =
        std::ranges::any_of(due, [&](const due_level& d) { return d.clock == next.clock && d.level > next.level; });
    if (after_outage && higher) {
      escalation e = about(*next.clock, next.level);
      e.state = escalation_state::skipped;
      e.scheduled_at = scheduled;
      e.reason = "a higher level was due as well after an outage";
      emit(escalated{std::move(e), {}});
    } else {
      escalate(*next.clock, next.level, escalation_cause::clock, scheduled, {});
    }
    due = due_levels(state_, at_);
  }
}

void draft::escalate(const sla_clock& clock, int level, escalation_cause cause, instant scheduled_at,
                     std::string reason) {
  const auto& current = context_.settings->policy(state_.tier, state_.priority);
  const auto& rule = clock.policy() ? clock.policy()->rule(level) : current->rule(level);
  escalation e = about(clock, level);
  e.cause = cause;
  e.scheduled_at = scheduled_at;
  e.fired_at = context_.now;
  e.recipients = people_of(rule, state_, *context_.settings);
  e.reason = std::move(reason);
  bool reached = !e.recipients.empty();
  auto above = level_above(level);
  bool hands_over = !reached && above && !state_.has_escalation(clock.kind(), clock.cycle(), *above);
  if (!hands_over) e.hand_up_at = context_.now + rule.acknowledge_within;
  auto kind = clock.kind();
  auto cycle = clock.cycle();
  bool reassigns = rule.reassign;
  emit(escalated{std::move(e), rule.channels});
  if (level == level_max)
    emit(alert_raised{"escalation_incident", "critical",
                      "a " + std::string(to_word(kind)) + " clock reached level 4 of the ladder"});
  if (level == emergency_level) emit(alert_raised{"wedding_emergency", "critical", "the emergency protocol has begun"});
  if (reassigns) reassign(level);
  if (reached) return;
  emit(alert_raised{"escalation_reached_nobody", "warning",
                    "level " + std::to_string(level) + " of the ladder has nobody to reach"});
  if (!hands_over) return;
  const auto* same = open(kind);
  if (same != nullptr && same->cycle() == cycle)
    escalate(*same, *above, escalation_cause::handed_up, context_.now,
             "level " + std::to_string(level) + " reached nobody");
}

void draft::hand_up(int level) {
  auto waiting = state_.escalations;
  for (const auto& e : waiting) {
    if (e.level != level || !e.waits() || *e.hand_up_at > context_.now) continue;
    const auto* clock = open(e.clock);
    auto above = level_above(level);
    if (clock == nullptr || clock->cycle() != e.cycle) {
      emit(escalation_moved{e.id, level, {}, {}, false, {}});
    } else if (!above) {
      const auto& rule = clock->policy() ? clock->policy()->rule(level)
                                         : context_.settings->policy(state_.tier, state_.priority)->rule(level);
      emit(escalation_moved{e.id, level, context_.now + rule.acknowledge_within, {}, true, rule.channels});
    } else {
      emit(escalation_moved{e.id, level, {}, {}, false, {}});
      if (!state_.has_escalation(e.clock, e.cycle, *above))
        escalate(*clock, *above, escalation_cause::handed_up, *e.hand_up_at,
                 "nobody acknowledged level " + std::to_string(level));
    }
  }
}

void draft::acknowledge() {
  auto waiting = state_.escalations;
  for (const auto& e : waiting)
    if (e.waits()) emit(escalation_moved{e.id, e.level, {}, context_.by.sub, false, {}});
}

// A clock that has stopped leaves nobody anything to take.
void draft::end_waiting() {
  auto waiting = state_.escalations;
  for (const auto& e : waiting) {
    if (!e.waits()) continue;
    const auto* clock = open(e.clock);
    if (clock == nullptr || clock->cycle() != e.cycle) emit(escalation_moved{e.id, e.level, {}, {}, false, {}});
  }
}

}  // namespace usher::domain
