// From the desk's values to rows: which table has which columns, in which order, and what goes into them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/ports.hpp"
#include "store/wire.hpp"

namespace usher::store {

/// The tables that a batch writes.
enum class table : std::uint8_t {
  organizations,
  support_tickets,
  ticket_messages,
  ticket_classifications,
  support_sla_events,
  support_escalations,
  outbox,
  csat_responses,
  idempotency_keys,
  audit_log,
  system_alerts,
};
inline constexpr std::size_t table_count = 11;

struct table_shape {
  std::string_view name;
  /// The columns that are written, in the table's order, separated by a comma and a space.
  std::string_view columns;
  /// The column after them that is not written: the database computes it, or it is for others to set.
  std::string_view generated;
  /// The columns that were added after it; written as well.
  std::string_view later = {};

  /// All that are written.
  [[nodiscard]] std::string written() const {
    return later.empty() ? std::string(columns) : std::string(columns).append(", ").append(later);
  }
  /// All, in the table's order.
  [[nodiscard]] std::string all() const;
};

[[nodiscard]] const table_shape& shape_of(table t) noexcept;
/// The number of all columns, generated ones too: a row of the table's type needs them all.
[[nodiscard]] int column_count(table t);
/// `INSERT INTO … SELECT … FROM unnest($1::usher.TABLE[])`.
[[nodiscard]] std::string insert_sql(table t);

/// What the database calls the row types, read once a connection.
using row_types = std::array<type_oid, table_count>;

void append_organization(row_array& out, const domain::organization& what);
/// The ticket after the change. Of an update, a body and custom fields that did not change are null: they may be long.
void append_ticket(row_array& out, const domain::change& what);
void append_message(row_array& out, const domain::change& what, const domain::message& added);
void append_classification(row_array& out, const domain::change& what);
/// `seq` counts the clock events of this change.
void append_clock_event(row_array& out, const domain::change& what, const domain::clock_changed& event, int seq);
void append_escalation(row_array& out, const domain::change& what, const domain::escalation& e);
void append_rating(row_array& out, const domain::change& what, const domain::ticket_rated& rated);
void append_notification(row_array& out, const domain::notification& what, domain::instant at);
/// An alert that the change raises.
void append_alert(row_array& out, const domain::change& what, const domain::alert_raised& raised);
void append_idempotency(row_array& out, const idempotency_record& what);
void append_audit(row_array& out, const domain::change& what);
void append_audit(row_array& out, const organization_write& what);
void append_audit(row_array& out, const settings_write& what);
void append_audit(row_array& out, const redelivery_write& what);
void append_alert(row_array& out, const alert_write& what);
void append_audit(row_array& out, const alert_write& what);
void append_audit(row_array& out, const alert_taken_write& what);
void append_audit(row_array& out, const note_write& what);

}  // namespace usher::store
