#include "store/trail_rows.hpp"

namespace usher::store {

statement trail_statement(const trail_query& query) {
  std::string sql =
      "SELECT id, organization_id, ticket_id, at, details FROM usher.audit_log WHERE id >= $1 AND id < $2 "
      "AND details ? 'events'";
  parameters params;
  params.uuid(query.from).uuid(query.to).int8(query.limit);
  if (query.ticket) {
    sql += " AND ticket_id = $4";
    params.uuid(query.ticket->value);
  }
  return {query.ticket ? "trail_of_ticket" : "trail", sql + " ORDER BY id LIMIT $3", std::move(params)};
}

std::vector<domain::trail_entry> read_trail(const rows& from) {
  std::vector<domain::trail_entry> out;
  for (int row = 0; row < from.size(); ++row) {
    domain::trail_entry entry{from.uuid(row, 0), {from.uuid(row, 1)}, std::nullopt, from.at(row, 3), from.json(row, 4)};
    if (!from.is_null(row, 2)) entry.ticket = domain::ticket_id{from.uuid(row, 2)};
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace usher::store
