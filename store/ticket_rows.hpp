// From rows back to the desk's values.
#pragma once

#include <string>
#include <vector>

#include "domain/message.hpp"
#include "domain/organization.hpp"
#include "domain/ticket_events.hpp"
#include "store/connection.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// A word in the database that the program doesn't know: another program's, or a broken migration.
class unknown_word : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `SELECT …` of a ticket's columns from `usher.support_tickets t`, in the order that `read_tickets` expects.
[[nodiscard]] const std::string& select_tickets();
/// The clock events of the tickets with the ids `$1`, by ticket and in order.
[[nodiscard]] const std::string& select_clock_events();
[[nodiscard]] domain::clock_changed read_clock_event(const rows& from, int row);

/// Tickets from their rows and the rows of their clock events; both must be ordered by the ticket's id, the events by
/// `seq` as well. Throws `unknown_word`.
[[nodiscard]] std::vector<domain::ticket_ptr> read_tickets(const rows& tickets, const rows& events);

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
