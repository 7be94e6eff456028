#include "domain/ticket.hpp"

#include <algorithm>
#include <array>

#include "domain/clock_policy.hpp"
#include "domain/wedding_day.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, ticket_status_count> status_words{"open", "pending", "on_hold", "resolved",
                                                                         "closed"};
constexpr std::array<std::string_view, 3> urgency_words{"emergency", "urgent", "none"};

}  // namespace

std::string_view to_word(ticket_status s) noexcept { return status_words[static_cast<std::size_t>(s)]; }

std::optional<ticket_status> parse_ticket_status(std::string_view word) noexcept {
  const auto* found = std::find(status_words.begin(), status_words.end(), word);
  if (found == status_words.end()) return std::nullopt;
  return static_cast<ticket_status>(found - status_words.begin());
}

std::string_view to_word(urgency u) noexcept { return urgency_words[static_cast<std::size_t>(u)]; }

std::optional<urgency> parse_urgency(std::string_view word) noexcept {
  const auto* found = std::find(urgency_words.begin(), urgency_words.end(), word);
  if (found == urgency_words.end()) return std::nullopt;
  return static_cast<urgency>(found - urgency_words.begin());
}

const sla_clock* ticket::latest(clock_kind kind) const noexcept {
  auto found = std::find_if(clocks.rbegin(), clocks.rend(), [&](const auto& c) { return c.kind() == kind; });
  return found == clocks.rend() ? nullptr : &*found;
}

std::optional<instant> ticket::due_at() const noexcept {
  std::optional<instant> earliest;
  for (const auto& clock : clocks) {
    if (!clock.is_running()) continue;
    if (auto due = clock.due_at(); due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

std::optional<instant> ticket::at_risk_at() const noexcept {
  std::optional<instant> earliest;
  for (const auto& clock : clocks) {
    if (!clock.is_running() || clock.breach_recorded()) continue;
    if (auto from = clock.reaches(at_risk_percent); from && (!earliest || *from < *earliest)) earliest = from;
  }
  return earliest;
}

bool ticket::has_escalation(clock_kind clock, int cycle, int level) const noexcept {
  return std::any_of(escalations.begin(), escalations.end(),
                     [&](const escalation& e) { return e.level == level && e.clock == clock && e.cycle == cycle; });
}

std::optional<instant> ticket::next_timer() const noexcept {
  std::optional<instant> earliest;
  auto consider = [&earliest](const std::optional<instant>& at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& clock : clocks) {
    consider(clock.next_timer());
    if (!clock.is_running() || !clock.policy()) continue;
    for (int level = 1; level <= level_max; ++level) {
      if (!has_escalation(clock.kind(), clock.cycle(), level)) consider(level_due_at(clock, level));
    }
  }
  if (wedding && counts_as_open()) consider(next_change(wedding->at, updated_at));
  return earliest;
}

std::optional<instant> level_due_at(const sla_clock& clock, int level) {
  const auto& percent = clock.policy()->rule(level).percent;
  if (!percent) return std::nullopt;
  auto at = clock.reaches(*percent);
  // Up to the deadline itself a clock is met; what is over it begins with the next millisecond (rule 4).
  return at && *percent >= 100 ? std::optional(*at + milliseconds{1}) : at;
}

std::vector<escalation> armed_levels(const ticket& t, const sla_clock& clock) {
  std::vector<escalation> out;
  for (int level = 1; clock.is_running() && clock.policy() && level <= level_max; ++level) {
    const auto& percent = clock.policy()->rule(level).percent;
    auto at = percent ? clock.reaches(*percent) : std::nullopt;
    if (!at || t.has_escalation(clock.kind(), clock.cycle(), level)) continue;
    escalation armed;
    armed.id = armed_id(t.id, clock.kind(), clock.cycle(), level);
    armed.clock = clock.kind();
    armed.cycle = clock.cycle();
    armed.level = level;
    armed.state = escalation_state::armed;
    armed.scheduled_at = *at;
    out.push_back(std::move(armed));
  }
  return out;
}

std::vector<escalation> armed_levels(const ticket& t) {
  std::vector<escalation> out;
  for (const auto& clock : t.clocks) std::ranges::move(armed_levels(t, clock), std::back_inserter(out));
  return out;
}

}  // namespace usher::domain
