#include "store/record_queries.hpp"

#include <array>

namespace usher::store {

namespace {

using domain::record_kind;
using domain::record_query;

constexpr std::string_view history_sql =
    "SELECT a.id, row_to_json(r)::text FROM usher.audit_log a CROSS JOIN LATERAL (SELECT a.id, usher.rfc3339(a.at) AS "
    "at, "
    "json_build_object('sub', a.actor_sub, 'role', a.actor_role) AS actor, a.action, a.version, a.details) r "
    "WHERE a.ticket_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3";

}  // namespace

list_fingerprint fingerprint_of(const record_query& query, const scope& who) {
  list_fingerprint out;
  out.add("records").add(static_cast<std::int64_t>(query.kind));
  out.add(who.organization ? to_string(*who.organization) : std::string());
  out.add(query.parent ? domain::to_string(*query.parent) : std::string());
  return out;
}

statement record_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).int8(limit);
  return {"history", std::string(history_sql), std::move(params)};
}

}  // namespace usher::store
