// Who has a ticket, and who has it next (contract, sections 3 and 5).
#include <algorithm>

#include "domain/ticket_draft.hpp"

namespace usher::domain {

namespace {

/// How long a share of the target an assignee may have been silent when level 2 looks: the time since level 1's word.
constexpr int silence_at_level_2_percent = 15;

int level_of(const agent& a, const std::string& skill) {
  auto found = std::ranges::find(a.skills, skill, &agent_skill::skill);
  return found == a.skills.end() ? 0 : found->level;
}

bool is_on_shift(const agent& a, const desk_settings& settings, instant now) {
  if (!a.calendar) return true;
  auto found = settings.calendars.find(*a.calendar);
  return found == settings.calendars.end() || found->second->is_open(now);
}

/// Where nobody knows how the agents stand: by what is set alone.
class settings_chooser final : public chooser {
 public:
  explicit settings_chooser(const decision_context& context) : context_(context) {}

  [[nodiscard]] const assignment_rules& rules() const override { return rules_; }
  [[nodiscard]] std::optional<held_choice> choose(const ticket&, const ticket_needs& needs) const override {
    std::optional<candidate> best;
    for (const auto& [id, a] : context_.settings->agents) {
      agent_snapshot snapshot(a);
      snapshot.on_shift = is_on_shift(a, *context_.settings, context_.now);
      for (std::size_t i = 0; i < needs.skills.size(); ++i)
        snapshot.levels[i] = static_cast<std::uint8_t>(level_of(a, needs.skills[i]));
      if (!suits(needs, snapshot)) continue;
      auto score = score_of(needs, snapshot);
      if (!best || score > best->score) best = candidate{id, score, reasons_of(needs, snapshot)};
    }
    if (!best) return std::nullopt;
    return held_choice{std::move(*best), nullptr};
  }
  [[nodiscard]] bool is_on_duty(std::string_view agent_id) const override {
    auto found = context_.settings->agents.find(agent_id);
    if (found == context_.settings->agents.end()) return true;
    return found->second.presence == presence::online && is_on_shift(found->second, *context_.settings, context_.now);
  }

 private:
  const decision_context& context_;
  assignment_rules rules_;
};

/// Who suits best: with the skills, or else anybody who is there.
std::optional<held_choice> best_for(const ticket& t, const decision_context& context) {
  if (context.chooses == nullptr) return std::nullopt;
  bool protocol = t.escalation_level == emergency_level;
  for (auto kind : {protocol ? choice_kind::emergency : choice_kind::skilled, choice_kind::best}) {
    if (auto chosen = context.chooses->choose(t, needs_of(t, *context.settings, kind))) return chosen;
  }
  return std::nullopt;
}

assignment_note_ptr note_of(std::string cause, candidate who) {
  return std::make_shared<const assignment_note>(assignment_note{std::move(cause), std::move(who)});
}

bool is_specialist(const desk_settings& settings, const std::string& id) {
  auto found = settings.agents.find(id);
  return found != settings.agents.end() && found->second.wedding_specialist;
}

}  // namespace

// Agents take tickets and give their own back; supervisors move anybody's (contract, section 3).
result<void> check_assignment(const ticket& t, const std::string& to, const caller& by) {
  bool own = to == by.sub || (to.empty() && t.assignee_id == by.sub);
  if (by.at_least(role::supervisor) || (by.is_staff() && own)) return {};
  return forbidden_field("assignee_id",
                         "an agent may take a ticket, or give back an own one; the rest is a supervisor's");
}

result<std::vector<ticket_event>> decide_assign(const ticket& t, const assign_ticket& c,
                                                const decision_context& context) {
  const auto& by = context.by;
  // An agent may have the desk choose for what nobody has, or for its own.
  bool may_ask = by.at_least(role::supervisor) || (by.is_staff() && (t.assignee_id.empty() || t.assignee_id == by.sub));
  if (c.automatic && !may_ask) return fail(errc::forbidden, "another agent has it; the rest is a supervisor's");
  if (!c.automatic) {
    if (auto ok = check_assignment(t, c.agent_id, by); !ok) return std::unexpected(ok.error());
  }
  if (t.status == ticket_status::closed) return fail(errc::conflict, "the ticket is closed");
  if (!c.automatic && c.agent_id == t.assignee_id) return std::vector<ticket_event>{};
  draft next(t, context);
  next.settle();
  if (!c.automatic) {
    next.assign(c.agent_id);
    return std::move(next).take();
  }
  auto chosen = best_for(next.state(), context);
  if (!chosen) return fail(errc::conflict, "no agent is available");
  auto to = chosen->who.agent_id;
  if (to == t.assignee_id) return std::vector<ticket_event>{};
  next.assign(std::move(to), note_of("asked", std::move(chosen->who)), std::move(chosen->hold));
  return std::move(next).take();
}

result<std::vector<ticket_event>> decide_give(const ticket& t, const give_ticket& c, const decision_context& context) {
  std::vector<ticket_event> nothing;
  if (has_ended(t.status) || t.assignee_id != c.from || c.from == c.to) return nothing;
  bool takes_back = !c.from.empty();
  const auto& cause = c.note->cause;
  bool owed = cause == "reopened" || owes_answer(t);
  if (takes_back && (!owed || (cause == "silent" && !t.silent_since))) return nothing;
  draft next(t, context);
  next.settle();
  if (next.state().assignee_id != c.from) return std::move(next).take();  // the ladder was quicker
  next.assign(c.to, c.note, c.hold, takes_back);
  if (c.to.empty())
    next.emit(alert_raised{"assignment_failed", "warning",
                           "taken back from " + c.from + " (" + cause + "), and nobody else is available"});
  return std::move(next).take();
}

void draft::assign(std::string to, assignment_note_ptr note, std::shared_ptr<void> hold, bool takes_back) {
  bool owes_sign = !to.empty() && to != context_.by.sub;
  emit(ticket_assigned{state_.assignee_id, std::move(to), owes_sign, takes_back, std::move(note), std::move(hold)});
}

void draft::give_out() {
  const auto* chooses = context_.chooses;
  if (chooses == nullptr || !chooses->rules().automatic || !state_.assignee_id.empty()) return;
  auto chosen = chooses->choose(state_, needs_of(state_, *context_.settings, choice_kind::skilled));
  if (!chosen) return;
  auto to = chosen->who.agent_id;
  assign(std::move(to), note_of("new", std::move(chosen->who)), std::move(chosen->hold));
}

// Level 2 takes the ticket from somebody who is away or silent; the emergency protocol gives it to a specialist.
void draft::reassign(int level) {
  settings_chooser by_settings(context_);
  const chooser& chooses = context_.chooses != nullptr ? *context_.chooses : by_settings;
  bool protocol = level == emergency_level;
  const auto& now_with = state_.assignee_id;
  bool on_duty = !now_with.empty() && chooses.is_on_duty(now_with);
  if (protocol && on_duty && is_specialist(*context_.settings, now_with)) return;
  if (!protocol && now_with.empty()) return;
  auto patience = silence_ends_at(state_, silence_at_level_2_percent);
  bool silent = patience && *patience <= context_.now;
  if (!protocol && on_duty && !silent) return;
  auto needs = needs_of(state_, *context_.settings, protocol ? choice_kind::emergency : choice_kind::best);
  if (state_.taken_from) needs.without = *state_.taken_from;
  if (!now_with.empty()) needs.without.push_back(now_with);
  auto chosen = chooses.choose(state_, needs);
  if (chosen) {
    bool better = !protocol || !on_duty || is_specialist(*context_.settings, chosen->who.agent_id);
    if (!better) return;
    auto to = chosen->who.agent_id;
    assign(std::move(to), note_of(protocol ? "emergency" : "level_2", std::move(chosen->who)), std::move(chosen->hold),
           !now_with.empty());
  } else if (protocol && !on_duty) {
    emit(alert_raised{"assignment_failed", "critical", "nobody is available for an emergency"});
  }
}

}  // namespace usher::domain
