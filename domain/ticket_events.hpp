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
  std::string to;            ///< empty when it was taken away
  bool owes_sign = false;    ///< the assignee has not taken it by an act of its own
  bool taken_back = false;   ///< from somebody who did not see to it
  assignment_note_ptr note;  ///< null when a person said who
  std::shared_ptr<void> hold = nullptr;
};

/// The customer has said how content it is.
struct ticket_rated {
  int cycle = 1;
  int score = 0;
  std::string comment;
  std::string agent_id;  ///< who had the ticket; empty when nobody did
};

/// The assignee has shown a sign: a message, a note, an acknowledgement, a change.
struct assignee_seen {};

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

/// The text, or the day, was looked at anew.
struct classified {
  domain::classification verdict;
};

/// The wedding day came nearer, moved, or is over; `at` is when that was so.
struct urgency_changed {
  urgency from = urgency::none;
  urgency to = urgency::none;
  instant at{};
};

/// The wedding day raised the priority, or let it fall back.
struct priority_moved {
  domain::priority from = domain::priority::low;
  domain::priority to = domain::priority::low;
  std::optional<domain::priority> raised_from;  ///< what it falls back to; nothing when it has
};

/// A level of the ladder was told, or skipped after an outage. `channels` are the rule's.
struct escalated {
  domain::escalation escalation;
  std::vector<std::string> channels;
};

/// Somebody took what waited, the level above got it, it was told once more, or there is nothing to wait for any more.
struct escalation_moved {
  escalation_id id;
  int level = 1;
  maybe_instant hand_up_at;     ///< nothing: it waits no longer
  std::string acknowledged_by;  ///< empty when nobody took it
  bool repeated = false;
  std::vector<std::string> channels;  ///< of a repeat
};

/// Something that people of the desk have to see to, as a row of `system_alerts`.
struct alert_raised {
  std::string kind;
  std::string level;  ///< `info`, `warning`, `critical`
  std::string detail;
  uuid id = new_uuid_v7();
};

/// What the ticket said of a person is gone.
struct personal_erased {
  uuid erasure;
  std::string phrase;  ///< only this; empty: all
  std::string person;  ///< gone from `requester_id`, too
};

/// One more entry of a clock's list.
struct clock_changed {
  clock_kind kind = clock_kind::first_response;
  int cycle = 1;
  clock_event event;
};

using ticket_event = std::variant<ticket_created, fields_changed, status_changed, message_added, ticket_assigned,
                                  ticket_merged, merge_received, ticket_deleted, ticket_restored, classified,
                                  urgency_changed, priority_moved, escalated, escalation_moved, alert_raised,
                                  clock_changed, assignee_seen, ticket_rated, personal_erased>;

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
