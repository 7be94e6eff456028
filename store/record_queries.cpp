#include "store/record_queries.hpp"

#include <array>

#include "store/analytics_queries.hpp"
#include "store/freeze_gate.hpp"
#include "store/similar_queries.hpp"

namespace usher::store {

namespace {

using domain::record_kind;
using domain::record_query;

constexpr std::string_view history_sql =
    "SELECT a.id, row_to_json(r)::text FROM usher.audit_log a CROSS JOIN LATERAL (SELECT a.id, usher.rfc3339(a.at) AS "
    "at, "
    "json_build_object('sub', a.actor_sub, 'role', a.actor_role) AS actor, a.action, a.version, a.details) r "
    "WHERE a.ticket_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3";

constexpr std::string_view escalations_sql =
    "SELECT e.id, row_to_json(r)::text FROM usher.support_escalations e CROSS JOIN LATERAL (SELECT e.id, e.ticket_id, "
    "e.clock, e.cycle, e.level, e.state, e.cause, usher.rfc3339(e.scheduled_at) AS scheduled_at, "
    "usher.rfc3339(e.fired_at) AS fired_at, e.recipients, usher.rfc3339(e.acknowledged_at) AS acknowledged_at, "
    "e.acknowledged_by, e.reason) r "
    "WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR e.ticket_id = $1) "
    "AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR e.id < $2) "
    "AND (cardinality($3::text[]) = 0 OR e.state = ANY ($3)) "
    "AND (cardinality($4::text[]) = 0 OR e.level::text = ANY ($4)) ORDER BY e.id DESC LIMIT $5";

constexpr std::string_view alerts_sql =
    "SELECT a.id, row_to_json(r)::text FROM usher.system_alerts a CROSS JOIN LATERAL (SELECT a.id, usher.rfc3339(a.at) "
    "AS "
    "at, a.kind, a.level, a.detail, a.ticket_id, nullif(a.organization_id, '00000000-0000-0000-0000-000000000000') AS "
    "organization_id, usher.rfc3339(a.acknowledged_at) AS acknowledged_at, a.acknowledged_by) r "
    "WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR a.id = $1) "
    "AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR a.id < $2) "
    "AND (cardinality($3::text[]) = 0 OR a.kind = ANY ($3)) AND (cardinality($4::text[]) = 0 OR a.level = ANY ($4)) "
    "AND (cardinality($5::text[]) = 0 OR (a.acknowledged_at IS NOT NULL)::text = ANY ($5)) ORDER BY a.id DESC LIMIT $6";

constexpr std::string_view articles_sql =
    "SELECT a.id, row_to_json(r)::text FROM usher.support_kb_articles a CROSS JOIN LATERAL (SELECT a.id, a.title, "
    "a.body, "
    "a.language, a.category, a.tags, a.published, a.version, usher.rfc3339(a.created_at) AS created_at, "
    "usher.rfc3339(a.updated_at) AS updated_at) r "
    "WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR a.id = $1) "
    "AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR a.id < $2) "
    "AND (cardinality($3::text[]) = 0 OR a.published::text = ANY ($3)) "
    "AND (cardinality($4::text[]) = 0 OR a.category = ANY ($4)) "
    "AND (cardinality($5::text[]) = 0 OR a.language = ANY ($5)) ORDER BY a.id DESC LIMIT $6";

constexpr std::string_view deliveries_sql =
    "SELECT o.id, row_to_json(r)::text FROM usher.outbox o CROSS JOIN LATERAL (SELECT o.id, o.event, CASE WHEN "
    "o.next_attempt_at IS NOT NULL THEN 'pending' WHEN o.delivered_at IS NOT NULL THEN 'delivered' ELSE 'given_up' END "
    "AS state, o.ticket_id, nullif(o.organization_id, '00000000-0000-0000-0000-000000000000') AS organization_id, "
    "usher.rfc3339(o.created_at) AS created_at, usher.rfc3339(o.next_attempt_at) AS next_attempt_at, "
    "usher.rfc3339(o.delivered_at) AS delivered_at, usher.rfc3339(o.given_up_at) AS given_up_at, o.payload, "
    "(SELECT coalesce(json_agg(json_build_object('attempt', a.attempt, 'at', usher.rfc3339(a.at), 'duration_ms', "
    "a.duration_ms, 'status', a.status, 'outcome', a.outcome, 'detail', a.detail) ORDER BY a.attempt), '[]') "
    "FROM usher.outbox_attempts a WHERE a.outbox_id = o.id) AS attempts) r WHERE o.endpoint_id = $1 "
    "AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR o.id < $2) "
    "AND (cardinality($3::text[]) = 0 OR r.state = ANY ($3)) AND (cardinality($4::text[]) = 0 OR o.event = ANY ($4)) "
    "AND (cardinality($5::text[]) = 0 OR o.id::text = ANY ($5)) ORDER BY o.id DESC LIMIT $6";

// The condition is written as the index is, so that it is used. The excerpt is of the text as it was written.
constexpr std::string_view article_search_sql =
    "SELECT a.id, row_to_json(r)::text FROM (SELECT id, title, body, language, category, tags, published, "
    "ts_rank(usher.ticket_words(title, body), usher.search_query($1)) AS rank FROM usher.support_kb_articles "
    "WHERE usher.ticket_words(title, body) @@ usher.search_query($1) "
    "AND (cardinality($2::text[]) = 0 OR published::text = ANY ($2)) ORDER BY rank DESC, id DESC LIMIT $3) a "
    "CROSS JOIN LATERAL (SELECT a.id, a.title, ts_headline('simple', a.body, usher.search_query($1), "
    "'MaxWords=40, MinWords=15, StartSel=\"\", StopSel=\"\"') AS excerpt, a.language, a.category, a.tags, a.published, "
    "round(a.rank::numeric, 4)::float8 AS rank) r ORDER BY a.rank DESC, a.id DESC";

// What nobody has corrected counts as right. The week is that of the verdict.
constexpr std::string_view classification_stats_sql =
    "WITH latest AS (SELECT DISTINCT ON (c.ticket_id) c.ticket_id, c.category, c.method, c.at "
    "FROM usher.ticket_classifications c ORDER BY c.ticket_id, c.version DESC), "
    "held AS (SELECT l.category, t.category AS corrected_to, l.method, date_trunc('week', l.at AT TIME ZONE "
    "'UTC')::date "
    "AS week, t.category IS DISTINCT FROM l.category AS wrong "
    "FROM latest l JOIN usher.support_tickets t ON t.id = l.ticket_id WHERE t.deleted_at IS NULL) "
    "SELECT '00000000-0000-0000-0000-000000000001'::uuid, row_to_json(r)::text FROM (SELECT "
    "(SELECT count(*) FROM held) AS tickets, (SELECT count(*) FROM held WHERE wrong) AS corrected, "
    "(SELECT round(avg((NOT wrong)::int), 4)::float8 FROM held) AS accuracy, "
    "(SELECT coalesce(json_agg(g ORDER BY g.category), '[]') FROM (SELECT category, count(*) AS tickets, "
    "count(*) FILTER (WHERE wrong) AS corrected, round(avg((NOT wrong)::int), 4)::float8 AS accuracy FROM held "
    "GROUP BY category) g) AS categories, "
    "(SELECT coalesce(json_agg(g ORDER BY g.method), '[]') FROM (SELECT method, count(*) AS tickets, "
    "count(*) FILTER (WHERE wrong) AS corrected, round(avg((NOT wrong)::int), 4)::float8 AS accuracy FROM held "
    "GROUP BY method) g) AS methods, "
    "(SELECT coalesce(json_agg(g ORDER BY g.week), '[]') FROM (SELECT week, count(*) AS tickets, "
    "count(*) FILTER (WHERE wrong) AS corrected, round(avg((NOT wrong)::int), 4)::float8 AS accuracy FROM held "
    "GROUP BY week) g) AS weeks, "
    "(SELECT coalesce(json_agg(g ORDER BY g.tickets DESC, g.category, g.corrected_to), '[]') FROM (SELECT category, "
    "corrected_to, count(*) AS tickets FROM held WHERE wrong GROUP BY category, corrected_to) g) AS confusion) r";
constexpr std::string_view snapshots_sql =
    "SELECT s.id, (jsonb_build_object('id', s.id, 'at', usher.rfc3339(s.at)) || s.figures)::text "
    "FROM usher.sla_monitoring_snapshots s WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR s.id < $1) "
    "AND (cardinality($2::text[]) = 0 OR s.at >= ($2::text[])[1]::timestamptz) "
    "AND (cardinality($3::text[]) = 0 OR s.at < ($3::text[])[1]::timestamptz) ORDER BY s.id DESC LIMIT $4";

// An organization's entries, or those of the desk itself: the primary key's order.
constexpr std::string_view audit_sql =
    "SELECT a.id, row_to_json(r)::text FROM usher.audit_log a CROSS JOIN LATERAL (SELECT a.id, usher.rfc3339(a.at) AS "
    "at, json_build_object('sub', a.actor_sub, 'role', a.actor_role) AS actor, a.action, nullif(a.organization_id, "
    "'00000000-0000-0000-0000-000000000000') AS organization_id, a.ticket_id, nullif(a.version, 0) AS version, "
    "a.details) r WHERE "
    "a.organization_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR a.id < $2) AND "
    "(cardinality($3::text[]) = 0 OR a.action = ANY ($3)) AND (cardinality($4::text[]) = 0 OR a.actor_sub = ANY ($4)) "
    "ORDER BY a.id DESC LIMIT $5";

statement audit_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).texts(words_of(query, "action"));
  params.texts(words_of(query, "actor")).int8(limit);
  return {{}, std::string(audit_sql), std::move(params)};
}

statement alerts_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).texts(words_of(query, "kind"));
  params.texts(words_of(query, "level")).texts(words_of(query, "acknowledged")).int8(limit);
  return {{}, std::string(alerts_sql), std::move(params)};
}

statement articles_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).texts(words_of(query, "published"));
  params.texts(words_of(query, "category")).texts(words_of(query, "language")).int8(limit);
  return {{}, std::string(articles_sql), std::move(params)};
}

statement snapshots_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(after).texts(words_of(query, "from")).texts(words_of(query, "to")).int8(limit);
  return {{}, std::string(snapshots_sql), std::move(params)};
}

/// Of a filter that we have written.
domain::instant instant_of(const record_query& query, std::string_view name) {
  const auto words = words_of(query, name);
  return words.empty() ? domain::instant{} : domain::parse_rfc3339(words.front()).value_or(domain::instant{});
}

/// One page: a rank is no place to go on from.
statement article_search_statement(const record_query& query) {
  parameters params;
  const auto words = words_of(query, "q");
  params.text(words.empty() ? std::string() : words.front()).texts(words_of(query, "published")).int8(query.limit);
  return {{}, std::string(article_search_sql), std::move(params)};
}

statement deliveries_statement(const record_query& query, const domain::uuid& after, int limit) {
  parameters params;
  params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).texts(words_of(query, "state"));
  params.texts(words_of(query, "event")).texts(words_of(query, "id")).int8(limit);
  return {{}, std::string(deliveries_sql), std::move(params)};
}

}  // namespace

std::vector<std::string> words_of(const record_query& query, std::string_view name) {
  for (const auto& filter : query.filters)
    if (filter.name == name) return filter.any_of;
  return {};
}

list_fingerprint fingerprint_of(const record_query& query, const scope& who) {
  list_fingerprint out;
  out.add("records").add(static_cast<std::int64_t>(query.kind));
  out.add(who.organization ? to_string(*who.organization) : std::string());
  out.add(query.parent ? domain::to_string(*query.parent) : std::string());
  for (const auto& filter : query.filters) {
    out.add(filter.name);
    for (const auto& word : filter.any_of) out.add(word);
  }
  return out;
}

statement record_statement(const record_query& query, const scope& who, const domain::uuid& after, int limit) {
  if (query.kind == record_kind::analytics) return analytics_statement(query, who.organization.has_value());
  if (query.kind == record_kind::day_figures) return day_figures_statement(query);
  if (query.kind == record_kind::changed_days) return changed_days_statement();
  if (query.kind == record_kind::audit) return audit_statement(query, after, limit);
  if (query.kind == record_kind::alerts) return alerts_statement(query, after, limit);
  if (query.kind == record_kind::kb_articles) return articles_statement(query, after, limit);
  if (query.kind == record_kind::classification_stats) return {{}, std::string(classification_stats_sql), {}};
  if (query.kind == record_kind::snapshots) return snapshots_statement(query, after, limit);
  if (query.kind == record_kind::deliveries) return deliveries_statement(query, after, limit);
  if (query.kind == record_kind::wedding_days)
    return wedding_days_statement(instant_of(query, "from"), instant_of(query, "to"));
  if (query.kind == record_kind::similar) return similar_statement(query);
  if (query.kind == record_kind::kb_search) return article_search_statement(query);
  parameters params;
  if (query.kind == record_kind::ticket_history) {
    params.uuid(query.parent.value_or(domain::uuid{})).uuid(after).int8(limit);
    return {"history", std::string(history_sql), std::move(params)};
  }
  params.uuid(query.parent.value_or(domain::uuid{}))
      .uuid(after)
      .texts(words_of(query, "state"))
      .texts(words_of(query, "level"))
      .int8(limit);
  return {{}, std::string(escalations_sql), std::move(params)};
}

}  // namespace usher::store
