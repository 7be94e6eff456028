// From rows back to the desk's values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/message.hpp"
#include "domain/organization.hpp"
#include "domain/ticket_events.hpp"
#include "store/connection.hpp"
#include "store/policy_shelf.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// A word in the database that the program doesn't know: another program's, or a broken migration.
class unknown_word : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `SELECT …` of a ticket's columns from `usher.support_tickets t`, in the order that `read_tickets` expects.
[[nodiscard]] const std::string& select_tickets();
/// What belongs to the tickets with the ids `$1`, by ticket and in order: the policies of their clocks, the events of
/// their clocks, and their escalations. To be asked in one pipeline, in this order.
[[nodiscard]] std::vector<statement> select_ticket_parts(const std::vector<domain::uuid>& ids);
[[nodiscard]] const std::string& select_clock_events();
[[nodiscard]] const std::string& select_clock_policies();
/// Puts the rows of `select_clock_policies` on the shelf.
void take_policies(policy_shelf& shelf, const rows& policies);
/// `shelf` has to have the event's policy.
[[nodiscard]] domain::clock_changed read_clock_event(const rows& from, int row, const policy_shelf& shelf);

/// Tickets from their rows, which must be ordered by id, and the answers to `select_ticket_parts`. Throws
/// `unknown_word`.
[[nodiscard]] std::vector<domain::ticket_ptr> read_tickets(const rows& tickets, std::span<const rows> parts,
                                                           policy_shelf& shelf);

/// The ids of such rows.
[[nodiscard]] std::vector<domain::uuid> ids_of(const rows& tickets);

inline constexpr std::string_view select_messages =
    "SELECT id, author_id, author_role, visibility, channel, automatic, body, created_at FROM usher.ticket_messages";
[[nodiscard]] domain::message read_message(const rows& from, int row);

inline constexpr std::string_view select_organizations =
    "SELECT id, name, tier, time_zone, version, created_at, updated_at FROM usher.organizations";
[[nodiscard]] domain::organization read_organization(const rows& from, int row);

inline constexpr std::string_view select_idempotency =
    "SELECT fingerprint, status, body, ticket_id, version, created_at FROM usher.idempotency_keys";
[[nodiscard]] idempotency_record read_idempotency(const rows& from, int row);

}  // namespace usher::store
