#include "domain/ticket.hpp"

#include <algorithm>
#include <array>

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

std::optional<instant> ticket::next_timer() const noexcept {
  std::optional<instant> earliest;
  for (const auto& clock : clocks) {
    if (auto due = clock.next_timer(); due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

}  // namespace usher::domain
