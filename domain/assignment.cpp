#include "domain/assignment.hpp"

#include <algorithm>
#include <cmath>

#include "domain/json_members.hpp"

namespace usher::domain {

namespace {

// What the parts weigh, in thousandths; together a thousand without the specialist's bonus.
constexpr double skills_weight = 400;
constexpr double load_weight = 250;
constexpr double served_weight = 100;
constexpr double satisfaction_weight = 100;
constexpr double pace_weight = 100;
constexpr double language_weight = 50;
constexpr double specialist_weight = 150;
constexpr double emergency_weight = 1000;  // before everybody else

constexpr int level_of_mastery = 5;
constexpr int served_enough = 3;
constexpr double usual_satisfaction = 4.0;
constexpr double satisfaction_prior = 8;
constexpr double usual_pace = 0.5;
constexpr double pace_prior = 5;

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

bool is_excluded(const ticket_needs& needs, const agent_snapshot& a) {
  return !needs.without.empty() && contains(needs.without, a.who->id);
}

bool serves(const ticket_needs& needs, const agent_snapshot& a) {
  if (!a.limited) return true;
  return std::ranges::find(a.who->organizations, needs.organization) != a.who->organizations.end();
}

bool has_room(const ticket_needs& needs, const agent_snapshot& a) {
  return a.load + weight_for(needs.priority, a.capacity) <= a.capacity;
}

bool has_a_skill(const ticket_needs& needs, const agent_snapshot& a) {
  for (std::size_t i = 0; i < needs.skills.size() && i < skills_scored_max; ++i)
    if (a.levels[i] > 0) return true;
  return false;
}

double skill_match(const ticket_needs& needs, const agent_snapshot& a) {
  auto count = std::min(needs.skills.size(), skills_scored_max);
  if (count == 0) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(a.levels[i]) / level_of_mastery;
  return sum / static_cast<double>(count);
}

double free_share(const ticket_needs& needs, const agent_snapshot& a) {
  if (a.capacity <= 0) return 0;
  double used = static_cast<double>(a.load + weight_for(needs.priority, a.capacity)) / a.capacity;
  return std::clamp(1 - used, 0.0, 1.0);
}

bool wedding_is_near(const ticket_needs& needs) {
  return needs.urgency != urgency::none || needs.kind == choice_kind::emergency;
}

std::string tenths(double value) {
  auto rounded = std::lround(value * 10);
  return std::to_string(rounded / 10) + "." + std::to_string(rounded % 10);
}

std::string skills_in_words(const ticket_needs& needs, const agent_snapshot& a) {
  std::string out;
  for (std::size_t i = 0; i < needs.skills.size() && i < skills_scored_max; ++i) {
    if (!out.empty()) out += ", ";
    out += needs.skills[i];
    out += a.levels[i] > 0 ? " " + std::to_string(a.levels[i]) + " of 5" : " not among the skills";
  }
  return "skills: " + out;
}

/// The language that a ticket's own fields name, as a word of two letters or more.
std::string language_of(const ticket& t) {
  if (!t.custom_fields) return {};
  for (const auto& [key, value] : json_members(*t.custom_fields)) {
    if (key != "language" && key != "locale") continue;
    auto text = json_string(value).value_or("");
    return text.substr(0, text.find_first_of("-_"));
  }
  return {};
}

}  // namespace

ticket_needs needs_of(const ticket& t, const desk_settings& settings, choice_kind kind) {
  ticket_needs out;
  out.kind = kind;
  out.organization = t.organization;
  out.customer = t.requester_id;
  out.category = t.category;
  out.priority = t.priority;
  out.urgency = t.urgency;
  out.language = language_of(t);
  if (const auto* category = settings.find_category(t.category)) out.skills = category->skills;
  if (out.skills.size() > skills_scored_max) out.skills.resize(skills_scored_max);
  return out;
}

bool suits(const ticket_needs& needs, const agent_snapshot& a) {
  if (!a.online || !a.on_shift || !serves(needs, a) || is_excluded(needs, a)) return false;
  bool takes_tickets = a.role == role::agent || a.role == role::supervisor;
  switch (needs.kind) {
    case choice_kind::supervisor:
      return a.role == role::supervisor;
    case choice_kind::emergency:
      return a.specialist || (a.role == role::agent && has_room(needs, a));
    case choice_kind::best:
      return a.role == role::agent && has_room(needs, a);
    case choice_kind::skilled:
      return takes_tickets && has_room(needs, a) && (needs.skills.empty() || has_a_skill(needs, a));
  }
  return false;
}

int score_of(const ticket_needs& needs, const agent_snapshot& a) {
  double out = skills_weight * skill_match(needs, a) + load_weight * free_share(needs, a);
  out += served_weight * std::min(1.0, static_cast<double>(a.served) / served_enough);
  out += satisfaction_weight * (a.satisfaction.with_prior(usual_satisfaction, satisfaction_prior) - 1) / 4;
  out += pace_weight * (1 - std::clamp(a.pace.with_prior(usual_pace, pace_prior), 0.0, 1.0));
  if (needs.language.empty() || contains(a.who->languages, needs.language)) out += language_weight;
  if (a.specialist && wedding_is_near(needs)) out += specialist_weight;
  if (a.specialist && needs.kind == choice_kind::emergency) out += emergency_weight;
  return static_cast<int>(std::lround(out));
}

std::vector<std::string> reasons_of(const ticket_needs& needs, const agent_snapshot& a) {
  std::vector<std::string> out;
  if (a.specialist && wedding_is_near(needs)) out.emplace_back("a specialist for the wedding day");
  if (!needs.skills.empty()) out.push_back(skills_in_words(needs, a));
  out.push_back("load " + std::to_string(a.load) + " of " + std::to_string(a.capacity));
  out.emplace_back(a.who->calendar ? "online and on shift" : "online");
  if (a.served > 0) out.push_back("knows this customer: " + std::to_string(a.served) + " tickets before");
  if (a.satisfaction.count > 0)
    out.push_back("satisfaction " + tenths(a.satisfaction.sum / a.satisfaction.count) + " of 5, " +
                  std::to_string(std::lround(a.satisfaction.count)) + " scores");
  if (a.pace.count > 0)
    out.push_back("uses " + std::to_string(std::lround(100 * a.pace.sum / a.pace.count)) +
                  " % of the target in this category");
  if (!needs.language.empty() && contains(a.who->languages, needs.language)) out.push_back("speaks " + needs.language);
  if (needs.kind == choice_kind::best && !has_a_skill(needs, a)) out.emplace_back("the best one who is there");
  return out;
}

bool owes_answer(const ticket& t) {
  return std::ranges::any_of(std::array{clock_kind::first_response, clock_kind::next_response}, [&](auto kind) {
    const auto* clock = t.latest(kind);
    return clock != nullptr && clock->is_open();
  });
}

std::optional<instant> silence_ends_at(const ticket& t, int percent) {
  if (percent <= 0 || !t.silent_since || t.assignee_id.empty()) return std::nullopt;
  for (auto kind : {clock_kind::first_response, clock_kind::next_response}) {
    const auto* clock = t.latest(kind);
    if (clock == nullptr || !clock->is_running()) continue;
    auto span = milliseconds(clock->target().count() * percent / 100);
    if (!clock->policy() || !clock->policy()->calendar) return *t.silent_since + span;
    return clock->policy()->calendar->after(*t.silent_since, span);
  }
  return std::nullopt;
}

}  // namespace usher::domain
