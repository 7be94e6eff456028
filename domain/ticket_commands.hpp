// What may be asked of a ticket. Commands are imperatives; a command that is refused changes nothing.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/assignment.hpp"
#include "domain/ticket.hpp"

namespace usher::domain {

/// Limits of what a caller may send (contract, section 3), in characters unless said.
inline constexpr std::size_t subject_characters_max = 200;
inline constexpr std::size_t body_characters_max = 20'000;
inline constexpr std::size_t name_characters_max = 200;
inline constexpr std::size_t email_bytes_max = 254;
inline constexpr std::size_t comment_characters_max = 20'000;
inline constexpr int best_score = 5;
inline constexpr std::size_t tags_max = 20;
inline constexpr std::size_t tag_characters_max = 40;
inline constexpr std::size_t custom_fields_bytes_max = 2048;

struct create_ticket {
  ticket_id id;
  std::int64_t number = 0;
  organization_id organization;
  domain::tier tier = domain::tier::free;
  std::string subject;
  std::string body;
  channel via = channel::web;
  std::optional<std::string> category;
  std::optional<domain::priority> priority;
  std::vector<std::string> tags;
  std::string custom_fields;  ///< the text of a JSON object, or empty
  std::optional<domain::wedding> wedding;
  std::optional<contact> requester;
};

/// A merge: what is absent stays as it is. The inner optional, where there is one, tells "clear it" from "leave it".
struct update_ticket {
  std::optional<std::string> subject;
  std::optional<std::string> body;
  std::optional<ticket_status> status;
  std::optional<domain::priority> priority;
  std::optional<std::string> category;
  std::optional<std::vector<std::string>> tags;
  /// Members to set, each with the text of its JSON value; a value of `null` removes the member.
  std::optional<std::vector<std::pair<std::string, std::string>>> custom_fields;
  std::optional<std::optional<domain::wedding>> wedding;
  std::optional<std::string> assignee_id;  ///< empty takes the ticket from whoever has it
};

struct add_message {
  message_id id;
  std::string body;
  /// Absent: internal for staff, public for requesters.
  std::optional<visibility> visible;
  channel via = channel::web;
  bool automatic = false;
};

struct assign_ticket {
  std::string agent_id;    ///< empty takes the ticket from whoever has it
  bool automatic = false;  ///< to whoever suits best; `conflict` when nobody does
};

/// How content the customer is: once a cycle, after the resolution.
struct rate_ticket {
  int score = 0;  ///< 1 to 5
  std::string comment;
};

/// Usher's own: the ticket goes on from whoever is said to have it; nothing happens when that is not so any more.
struct give_ticket {
  std::string from;          ///< empty: nobody has it
  std::string to;            ///< empty: it waits for somebody again
  assignment_note_ptr note;  ///< why; never null
  std::shared_ptr<void> hold = nullptr;
};

struct delete_ticket {};
struct restore_ticket {};

/// Ends the ticket in favour of another one of the same organization. Decided by `merge` on both at once.
struct merge_ticket {
  ticket_id into;
};

/// Starts a level by hand; absent is one up from the highest that was reached.
struct escalate_ticket {
  std::optional<int> level;
  std::string reason;
};

/// Takes what waits for somebody.
struct acknowledge_escalation {};

/// A macro: a public reply, if it has one, and changes, as one change.
struct run_macro {
  update_ticket set;
  std::string reply;  ///< a template, or empty
  message_id id;      ///< of the reply
};

/// Usher's own: records what the clocks say has happened by now. After an outage the highest level that is due is told,
/// and those below it are recorded as skipped (rule 11).
struct check_clocks {
  bool after_outage = false;
};

/// Usher's own: what nobody took at this level goes to the one above it, or is told once more.
struct hand_up {
  int level = 1;
};

/// Usher's own: the word of a language model on what the text is about. It holds only while nobody, and nothing else,
/// has named a category since: `seen` is the one that was in doubt.
struct take_opinion {
  std::string seen;
  std::string category;
  float confidence = 0;
};

/// Gives the running clocks the policies that hold now (rule 14).
struct apply_policies {};

/// Usher's own: what the ticket says of a person goes, in place; what is counted and timed stays.
struct erase_personal {
  uuid erasure;        ///< what asks for it
  std::string phrase;  ///< only this goes, wherever it stands; empty: all that a person has written
  std::string person;  ///< the `sub` or the address that may stand in `requester_id`
};

using ticket_command =
    std::variant<create_ticket, update_ticket, add_message, assign_ticket, delete_ticket, restore_ticket, merge_ticket,
                 escalate_ticket, acknowledge_escalation, run_macro, check_clocks, hand_up, apply_policies, give_ticket,
                 take_opinion, rate_ticket, erase_personal>;

}  // namespace usher::domain
