// The rules of a ticket's life, pure: state and command in, events or a refusal out.
#pragma once

#include <optional>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/error.hpp"
#include "domain/judge.hpp"
#include "domain/ticket_commands.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

/// What a decision may depend on besides the state and the command.
struct decision_context {
  caller by;
  instant now{};
  const desk_settings* settings = nullptr;
  /// The version that the caller saw (`If-Match`).
  std::optional<std::int64_t> expected_version;
  const judge* reads = nullptr;      ///< null: nobody reads the text
  const chooser* chooses = nullptr;  ///< null: nobody knows how the agents stand
};

/// Decides a command. `state` is null exactly for `create_ticket`. Errors: `not_found` when the caller may not know of
/// the ticket, `forbidden`, `conflict`, `version_mismatch`, `invalid` with pointers. An empty list means that the
/// command changes nothing: there is nothing to commit and the version stays.
[[nodiscard]] result<std::vector<ticket_event>> decide(const ticket* state, const ticket_command& command,
                                                       const decision_context& context);

/// `decide`, then the fold of its events into a new value with the next version. `change.events` is empty and
/// `change.after == change.before` when nothing changes.
[[nodiscard]] result<change> perform(const ticket_ptr& state, const ticket_command& command,
                                     const decision_context& context);

/// Whether the table of status changes has this one, and for whom (contract, section 3): requesters may reopen what is
/// resolved or pending, and close; a closed ticket is reopened by staff only, and only to `open`.
[[nodiscard]] bool may_change_status(ticket_status from, ticket_status to, bool staff) noexcept;

}  // namespace usher::domain
