// What the desk tells programs: the events that webhooks carry and `GET /api/support/events` streams. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ticket_events.hpp"

namespace usher::domain {

enum class event_type : std::uint8_t {
  ticket_created,
  ticket_updated,  ///< a field, the status, the assignee, the urgency or a merge
  ticket_deleted,
  ticket_restored,
  message_created,
  clock_breached,
  escalation_fired,
  escalation_repeated,
  escalation_acknowledged,
  alert_raised,
  alert_acknowledged,
};
inline constexpr int event_type_count = static_cast<int>(event_type::alert_acknowledged) + 1;

/// E.g. `ticket.created`.
[[nodiscard]] std::string_view to_word(event_type t) noexcept;
[[nodiscard]] std::optional<event_type> parse_event_type(std::string_view word) noexcept;

/// One event of a committed change. It points into the change, which has to outlive it.
struct desk_event {
  event_type type = event_type::ticket_updated;
  const change* of = nullptr;
  std::size_t place = 0;  ///< among the events of the change

  /// The same wherever, and however often, the event is told: made from the ticket, its version and the place.
  [[nodiscard]] uuid id() const;
  /// Whether customers may know of it: not of internal notes, nor of the desk's alerts.
  [[nodiscard]] bool is_for_customers() const;
  /// `{"id", "type", "timestamp", "organization_id", "data": {"ticket": {…}, …}}`: ids and states, no customer's words.
  [[nodiscard]] std::string payload() const;
  /// The members of `data` besides the ticket, as the text of a JSON object: what the audit trail keeps of the event.
  [[nodiscard]] std::string particulars() const;

 private:
  [[nodiscard]] const ticket_event* source() const;
};

/// The events of a change, in the order in which they are told; at most one `ticket.…` a change, and it comes first.
[[nodiscard]] std::vector<desk_event> events_of(const change& what);

/// What becomes of an alert of the desk. `ticket` is the one that it is about.
struct alert_event {
  event_type type = event_type::alert_raised;
  uuid alert;
  organization_id organization;  ///< nil: the desk's own
  std::optional<ticket_id> ticket;
  instant at{};
  std::string kind;
  std::string level;
  std::string acknowledged_by;

  [[nodiscard]] uuid id() const;
  [[nodiscard]] std::string payload() const;
  [[nodiscard]] std::string particulars() const;
};

/// What every event says of itself.
struct event_head {
  uuid id;
  event_type type = event_type::ticket_updated;
  instant at{};
  organization_id organization;  ///< nil: the desk's own
};

/// An event's payload from its parts; `t` is null for what is not about a ticket.
[[nodiscard]] std::string event_payload(const event_head& head, const ticket* t, std::string_view particulars);

}  // namespace usher::domain
