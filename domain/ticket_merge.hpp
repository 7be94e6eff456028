// Two tickets about the same thing become one.
#pragma once

#include "domain/ticket_decide.hpp"

namespace usher::domain {

/// Both sides of a merge; they are committed together.
struct merged {
  change from;  ///< closed, its clocks cancelled
  change into;
};

/// Merges `from` into `into` (contract, section 4.4). What the customer still waits for since then, `into` owes since
/// then: its `first_response` keeps the earlier of the two starts, or a `next_response` starts where the waiting began.
/// The thread of `into` gets a note with the text of `from`; `note` is its id. `context.expected_version` is of `from`.
/// Errors: `not_found` and `version_mismatch` about `from`, `invalid` with `/into` when there is no such ticket for the
/// caller or when it is another organization's, `conflict` when one of them is closed, or when they are the same.
[[nodiscard]] result<merged> merge(const ticket_ptr& from, const ticket_ptr& into, message_id note,
                                   const decision_context& context);

}  // namespace usher::domain
