// What has happened to a ticket. Events are in the past tense and are never refused.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/ticket.hpp"
#include "domain/ticket_commands.hpp"

namespace usher::domain {

/// The first event. `ticket` holds everything but the clocks and the version.
struct ticket_created {
  domain::ticket ticket;
};

/// New values of the fields that changed, and only of those.
struct fields_changed {
  std::optional<std::string> subject;
  std::optional<std::string> body;
  std::optional<domain::priority> priority;
  std::optional<std::string> category;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> custom_fields;
  std::optional<std::optional<domain::wedding>> wedding;
};

struct status_changed {
  ticket_status from = ticket_status::open;
  ticket_status to = ticket_status::open;
};

struct message_added {
  domain::message message;
};

struct ticket_assigned {
  std::string from;
  std::string to;  ///< empty when it was taken away
};

/// The ticket ended in favour of another one.
struct ticket_merged {
  ticket_id into;
};

/// Another ticket goes on in this one.
struct merge_received {
  ticket_id from;
  std::int64_t number = 0;
};

struct ticket_deleted {};
struct ticket_restored {};

/// One more entry of a clock's list.
struct clock_changed {
  clock_kind kind = clock_kind::first_response;
  int cycle = 1;
  clock_event event;
};

using ticket_event = std::variant<ticket_created, fields_changed, status_changed, message_added, ticket_assigned,
                                  ticket_merged, merge_received, ticket_deleted, ticket_restored, clock_changed>;

/// Folds one event into the ticket. `at` is when the change was decided.
void apply(ticket& state, const ticket_event& event, instant at);

/// What one command did: all of it is committed together, or none.
struct change {
  ticket_ptr before;  ///< null for a creation
  ticket_ptr after;   ///< its version is one above `before`'s
  std::vector<ticket_event> events;
  caller by;
  instant at{};

  [[nodiscard]] bool is_creation() const noexcept { return before == nullptr; }
  /// The message that the change adds, if it does.
  [[nodiscard]] const message* added_message() const noexcept;
};

/// The word of the audit trail, e.g. `ticket.created`, `ticket.status_changed`, `sla.breached`.
[[nodiscard]] std::string_view audit_action(const change& what) noexcept;

/// What changed, as the text of a JSON object for the audit trail: names of fields, and old and new values of those
/// that hold no personal data.
[[nodiscard]] std::string audit_details(const change& what);

}  // namespace usher::domain
