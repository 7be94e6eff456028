#include "store/purge.hpp"

#include <array>
#include <string>

namespace usher::store {

namespace {

constexpr std::array<std::string_view, 7> ticket_tables{
    "ticket_search",  "ticket_messages",    "ticket_classifications", "attachments",
    "csat_responses", "support_sla_events", "support_escalations",
};

/// What the law holds stays.
const std::string not_held =
    " AND NOT EXISTS (SELECT FROM usher.legal_holds h WHERE h.target_id IN (t.id, t.organization_id))";

std::vector<domain::uuid> ids_of(const std::vector<domain::ticket_id>& tickets) {
  std::vector<domain::uuid> out;
  for (const auto& id : tickets) out.push_back(id.value);
  return out;
}

}  // namespace

std::span<const std::string_view> tables_of_a_ticket() noexcept { return ticket_tables; }

std::vector<statement> expired_statements(const expiry& limits) {
  return {{"expired_keys",
           "SELECT DISTINCT organization_id FROM (SELECT organization_id FROM usher.idempotency_keys "
           "WHERE created_at <= $1 LIMIT $2) AS keys",
           parameters().at(limits.keys_before).int8(purge_rows_max)},
          {"expired_tickets",
           "SELECT id, organization_id FROM usher.support_tickets t WHERE deleted_at <= $1" + not_held +
               " ORDER BY deleted_at, id LIMIT $2",
           parameters().at(limits.tickets_deleted_before).int8(purge_tickets_max)},
          {"expired_snapshots", "SELECT at FROM usher.sla_monitoring_snapshots WHERE at <= $1 LIMIT 1",
           parameters().at(limits.snapshots_before)}};
}

expired_rows read_expired(std::span<const rows> answers) {
  expired_rows out;
  for (int row = 0; row < answers[0].size(); ++row) out.key_owners.push_back({answers[0].uuid(row, 0)});
  for (int row = 0; row < answers[1].size(); ++row) {
    out.tickets.push_back({answers[1].uuid(row, 0)});
    out.ticket_owners.push_back({answers[1].uuid(row, 1)});
  }
  out.snapshots = answers[2].size() > 0;
  return out;
}

std::vector<statement> purge_statements(const purge_write& what) {
  std::vector<statement> out;
  // Rows that a batch holds are left for the next time: this one waits for nobody, so that nobody waits in a circle.
  if (!what.what.key_owners.empty())
    out.push_back({"purge_keys",
                   "DELETE FROM usher.idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM usher.idempotency_keys "
                   "WHERE created_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
                   parameters().at(what.limits.keys_before).int8(purge_rows_max)});
  if (what.what.snapshots)
    out.push_back({"purge_snapshots", "DELETE FROM usher.sla_monitoring_snapshots WHERE at <= $1",
                   parameters().at(what.limits.snapshots_before)});
  if (what.what.tickets.empty()) return out;
  auto ids = ids_of(what.what.tickets);
  auto params = [&] { return parameters().uuids(ids).at(what.limits.tickets_deleted_before); };
  // The row locks hold what the following statements see of these tickets.
  const std::string still =
      "SELECT id FROM usher.support_tickets t WHERE id = ANY ($1) AND deleted_at <= $2" + not_held;
  out.push_back({"purge_lock", still + " ORDER BY id FOR UPDATE", params()});
  out.push_back(
      {"purge_attempts",
       "DELETE FROM usher.outbox_attempts WHERE outbox_id IN (SELECT id FROM usher.outbox WHERE ticket_id IN (" +
           still + "))",
       params()});
  out.push_back({"purge_outbox", "DELETE FROM usher.outbox WHERE ticket_id IN (" + still + ")", params()});
  for (auto table : ticket_tables) {
    std::string name(table);
    out.push_back({"purge_" + name, "DELETE FROM usher." + name + " WHERE ticket_id IN (" + still + ")", params()});
  }
  out.push_back({"purge_tickets",
                 "DELETE FROM usher.support_tickets t WHERE id = ANY ($1) AND deleted_at <= $2" + not_held, params()});
  return out;
}

}  // namespace usher::store
