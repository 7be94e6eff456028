#include "store/privacy_rows.hpp"

#include "domain/erasure.hpp"

namespace usher::store {

namespace {

// Statements about a person take these: $1 the person, $2 whether that is an address, $3 the organization or nil.
constexpr std::string_view is_requester =
    "((lower(t.requester_id) = lower($1) OR ($2 AND lower(t.requester_email) = lower($1))) AND "
    "($3 = '00000000-0000-0000-0000-000000000000'::uuid OR t.organization_id = $3))";

constexpr std::string_view theirs =
    "($3 = '00000000-0000-0000-0000-000000000000'::uuid OR x.organization_id = $3) AND "
    "NOT EXISTS (SELECT FROM usher.legal_holds h WHERE h.target_id = x.organization_id)";

constexpr std::string_view not_held_ticket =
    " AND NOT EXISTS (SELECT FROM usher.legal_holds h WHERE h.target_id = x.ticket_id)";

parameters about(const person& who) {
  parameters out;
  out.text(who.text).encoded(std::string(1, who.kind == domain::subject_kind::email ? '\1' : '\0'));
  out.uuid(who.owner ? who.owner->value : domain::uuid{});
  return out;
}

/// `$2` of `about` has no type of its own on the wire.
std::string typed(std::string sql) {
  for (std::size_t at = 0; (at = sql.find("($2 AND", at)) != std::string::npos; at += 8)
    sql.replace(at, 3, "($2::boolean");
  return sql;
}

std::string rows_of(std::string_view name, std::string_view select) {
  return ", '" + std::string(name) + "', (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM (" + std::string(select) +
         ") r)";
}

}  // namespace

statement tickets_of(const person& who) {
  return {{},
          typed("SELECT t.id FROM usher.support_tickets t WHERE " + std::string(is_requester) + " ORDER BY t.id"),
          about(who)};
}

statement export_of(const person& who) {
  const std::string own = "(SELECT id FROM own)";
  const std::string within = "($3 = '00000000-0000-0000-0000-000000000000'::uuid OR x.organization_id = $3)";
  std::string sql =
      "WITH own AS MATERIALIZED (SELECT t.id FROM usher.support_tickets t WHERE " + std::string(is_requester) +
      "), me AS MATERIALIZED (SELECT lower($1) AS sub UNION SELECT lower(a.id) FROM usher.support_agents a WHERE ($2 "
      "AND lower(a.email) = lower($1))) SELECT jsonb_build_object('subject', jsonb_build_object(CASE WHEN ($2 AND "
      "true) "
      "THEN 'email' ELSE 'user_id' END, $1), 'generated_at', usher.rfc3339(now())";
  sql += rows_of("tickets",
                 "SELECT t.id, t.number, t.organization_id, t.requester_id, t.requester_name, t.requester_email, "
                 "t.subject, t.body, t.channel, t.status, t.priority, t.urgency, t.category, t.tags, t.custom_fields, "
                 "t.wedding_at, t.wedding_time_zone, t.wedding_venue, t.classified_category, t.classified_signals, "
                 "t.created_at, t.updated_at, t.resolved_at, t.deleted_at FROM usher.support_tickets t WHERE t.id IN " +
                     own + " ORDER BY t.id");
  sql += rows_of("messages", "SELECT x.* FROM usher.ticket_messages x WHERE (x.ticket_id IN " + own +
                                 " AND x.visibility = 'public') OR (lower(x.author_id) IN (SELECT sub FROM me) AND " +
                                 within + ") ORDER BY x.ticket_id, x.id");
  sql += rows_of("csat", "SELECT x.* FROM usher.csat_responses x WHERE x.ticket_id IN " + own +
                             " OR (lower(x.by_sub) IN (SELECT sub FROM me) AND " + within + ")");
  sql += rows_of("classifications", "SELECT x.* FROM usher.ticket_classifications x WHERE x.ticket_id IN " + own);
  sql += rows_of("attachments",
                 "SELECT x.ticket_id, x.id, x.name, x.media_type, x.bytes, x.created_at FROM usher.attachments x "
                 "WHERE x.ticket_id IN " +
                     own);
  sql += rows_of("agents",
                 "SELECT a.* FROM usher.support_agents a WHERE $3 = "
                 "'00000000-0000-0000-0000-000000000000'::uuid AND lower(a.id) IN (SELECT sub FROM me)");
  sql += rows_of("audit",
                 "SELECT x.id, x.organization_id, x.ticket_id, x.at, x.actor_role, x.action, x.details FROM "
                 "usher.audit_log x WHERE lower(x.actor_sub) IN (SELECT sub FROM me) AND " +
                     within + " ORDER BY x.id");
  sql += rows_of("deliveries",
                 "SELECT x.id, x.ticket_id, x.channel, x.event, x.recipient, x.payload, x.created_at, x.delivered_at "
                 "FROM usher.outbox x WHERE (lower(x.recipient) = lower($1) OR (x.event = 'csat.requested' AND "
                 "x.ticket_id IN " +
                     own + ")) AND " + within);
  sql += rows_of("kept_answers",
                 "SELECT x.route, x.status, x.body, x.created_at FROM usher.idempotency_keys x WHERE "
                 "(x.ticket_id IN " +
                     own + " OR lower(x.caller_sub) IN (SELECT sub FROM me)) AND " + within);
  return {{}, typed(sql + ")"), about(who)};
}

std::string kept_about(const std::string& ticket) {
  return "EXISTS (SELECT FROM usher.support_tickets t WHERE t.id = " + ticket +
         " AND (x.ticket_id = t.id OR (x.ticket_id IS NULL AND (x.route ~* ('^/api/support/tickets/(' || t.id || '|' "
         "|| "
         "t.number || ')(/|$)') OR position(t.id::text IN x.body) > 0))))";
}

std::vector<scrub> scrubs_of_ticket(const domain::ticket_id& id, const domain::uuid& erasure, const std::string& who) {
  const std::string erased = "'" + domain::erased_person(erasure) + "'";  // our own id's text and nothing else
  const auto person = [&](const std::string& column) {
    return column + " = CASE WHEN lower(" + column + ") = lower($2) THEN " + erased + " ELSE " + column + " END";
  };
  std::vector<scrub> out;
  const auto add = [&](std::string table, std::string sql) {
    out.push_back({std::move(table), {{}, std::move(sql), parameters().uuid(id.value).text(who)}});
  };
  add("ticket_messages", "UPDATE usher.ticket_messages SET body = '[erased]', " + person("author_id") +
                             " WHERE ticket_id = $1 AND (body <> '[erased]' OR lower(author_id) = lower($2))");
  add("ticket_search",
      "UPDATE usher.ticket_search SET document = ''::tsvector WHERE ticket_id = $1 AND $2 IS NOT NULL "
      "AND document <> ''::tsvector");
  add("ticket_classifications",
      "UPDATE usher.ticket_classifications SET signals = '{}' WHERE ticket_id = $1 AND $2 IS "
      "NOT NULL AND signals <> '{}'");
  add("attachments",
      "UPDATE usher.attachments SET name = '[erased]' WHERE ticket_id = $1 AND $2 IS NOT NULL AND name <> "
      "'[erased]'");
  add("csat_responses",
      "UPDATE usher.csat_responses SET comment = CASE WHEN comment IS NOT NULL THEN '[erased]' END, " +
          person("by_sub") + " WHERE ticket_id = $1 AND (comment <> '[erased]' OR lower(by_sub) = lower($2))");
  add("support_escalations",
      "UPDATE usher.support_escalations SET reason = NULL WHERE ticket_id = $1 AND $2 IS NOT NULL "
      "AND reason IS NOT NULL");
  // What still has to reach the desk's own people names no customer's words: it goes out as it is.
  add("outbox_attempts",
      "UPDATE usher.outbox_attempts a SET detail = NULL FROM usher.outbox o WHERE o.id = a.outbox_id "
      "AND o.ticket_id = $1 AND $2 IS NOT NULL AND o.event = 'csat.requested' AND a.detail IS NOT NULL");
  add("outbox",
      "UPDATE usher.outbox SET payload = usher.erased_json(payload), recipient = CASE WHEN event = "
      "'csat.requested' OR lower(recipient) = lower($2) THEN '[erased]' ELSE recipient END, given_up_at = "
      "coalesce(given_up_at, CASE WHEN next_attempt_at IS NOT NULL THEN now() END), next_attempt_at = NULL, "
      "lease_until = NULL WHERE ticket_id = $1 AND (event = 'csat.requested' OR next_attempt_at IS NULL) AND "
      "(usher.erased_json(payload) <> payload OR (recipient <> '[erased]' AND (event = 'csat.requested' OR "
      "lower(recipient) = lower($2))))");
  add("idempotency_keys", "UPDATE usher.idempotency_keys x SET body = usher.erased_answer(body, $2, " + erased + "), " +
                              person("caller_sub") + " WHERE x.body <> '' AND " + kept_about("$1"));
  add("system_alerts",
      "UPDATE usher.system_alerts SET detail = '[erased]' WHERE ticket_id = $1 AND $2 IS NOT NULL AND kind "
      "= 'notification_not_delivered' AND detail <> '[erased]'");
  // What a preview of a phrase quotes of the ticket.
  add("erasure_tickets",
      "UPDATE usher.erasure_tickets SET hits = '[]' WHERE ticket_id = $1 AND $2 IS NOT NULL AND hits <> '[]'");
  add("audit_log", "UPDATE usher.audit_log SET details = usher.erased_json(details), " + person("actor_sub") +
                       ", erased_by = '" + to_string(erasure) +
                       "' WHERE ticket_id = $1 AND (usher.erased_json(details) <> details OR lower(actor_sub) = "
                       "lower($2))");
  return out;
}

std::vector<scrub> scrubs_of_person(const person& who, const domain::uuid& erasure) {
  const std::string erased = "'" + domain::erased_person(erasure) + "'";
  const std::string within(theirs);
  const std::string free = within + std::string(not_held_ticket);
  std::vector<scrub> out;
  const auto add = [&](std::string table, std::string sql) {
    out.push_back({std::move(table), {{}, typed(std::move(sql)), about(who)}});
  };
  add("ticket_search",
      "UPDATE usher.ticket_search s SET document = usher.add_words(usher.ticket_words(t.subject, t.body), "
      "coalesce((SELECT "
      "string_agg(m.body, ' ' ORDER BY m.id) FROM usher.ticket_messages m WHERE m.ticket_id = t.id AND m.visibility = "
      "'public' AND lower(m.author_id) <> lower($1)), '')) FROM usher.support_tickets t WHERE t.id = s.ticket_id AND "
      "($2 "
      "AND true) IS NOT NULL AND t.id IN (SELECT x.ticket_id FROM usher.ticket_messages x WHERE lower(x.author_id) = "
      "lower($1) AND " +
          free + ")");
  add("ticket_messages", "UPDATE usher.ticket_messages x SET body = '[erased]', author_id = " + erased +
                             " WHERE ($2 AND true) IS NOT NULL AND lower(x.author_id) = lower($1) AND " + free);
  add("csat_responses",
      "UPDATE usher.csat_responses x SET comment = CASE WHEN comment IS NOT NULL THEN '[erased]' END, "
      "by_sub = " +
          erased + " WHERE ($2 AND true) IS NOT NULL AND lower(x.by_sub) = lower($1) AND " + free);
  add("outbox",
      "UPDATE usher.outbox x SET payload = usher.erased_json(payload), recipient = '[erased]', given_up_at = "
      "coalesce(given_up_at, CASE WHEN next_attempt_at IS NOT NULL THEN now() END), next_attempt_at = NULL, "
      "lease_until = NULL WHERE ($2 AND event = 'csat.requested') AND lower(x.recipient) = lower($1) AND " +
          within);
  add("idempotency_keys",
      "UPDATE usher.idempotency_keys x SET body = usher.erased_answer(body, $1, " + erased +
          "), caller_sub = CASE WHEN lower(caller_sub) = lower($1) THEN " + erased +
          " ELSE caller_sub END WHERE ($2 AND true) IS NOT NULL AND body <> '' AND (lower(caller_sub) = lower($1) "
          "OR position(lower($1) IN lower(body)) > 0) AND " +
          within);
  add("audit_log", "UPDATE usher.audit_log x SET details = usher.erased_json(details), actor_sub = " + erased +
                       ", erased_by = '" + to_string(erasure) +
                       "' WHERE ($2 AND true) IS NOT NULL AND lower(x.actor_sub) = lower($1) AND " + within);
  return out;
}

std::vector<scrub> scrubs_of_agent(const std::string& id) {
  std::vector<scrub> out;
  const auto add = [&](std::string table, std::string sql) {
    out.push_back({std::move(table), {{}, std::move(sql), parameters().text(id)}});
  };
  add("outbox",
      "UPDATE usher.outbox x SET recipient = '[erased]', given_up_at = coalesce(x.given_up_at, CASE WHEN "
      "x.next_attempt_at IS NOT NULL THEN now() END), next_attempt_at = NULL, lease_until = NULL FROM "
      "usher.support_agents a WHERE a.id = $1 AND x.channel IN ('email', 'sms') AND (lower(x.recipient) = "
      "lower(nullif(a.email, '')) OR x.recipient = nullif(a.phone, '')) AND NOT EXISTS (SELECT FROM usher.legal_holds "
      "h WHERE h.target_id IN (x.ticket_id, x.organization_id))");
  add("staff_sessions", "DELETE FROM usher.staff_sessions WHERE agent_id = $1");
  add("staff_passwords", "DELETE FROM usher.staff_passwords WHERE agent_id = $1");
  return out;
}

const std::string& select_erasures(bool with_found) {
  static const std::string summary =
      "SELECT jsonb_build_object('id', e.id, 'state', e.state, 'refused', e.refused, 'subject', "
      "jsonb_build_object('kind', e.kind, 'hmac', encode(e.subject_hmac, 'hex')), 'organization_id', e.owner_id, "
      "'requested_by', e.requested_by, 'requested_at', usher.rfc3339(e.requested_at), 'confirmed_by', e.confirmed_by, "
      "'finished_at', usher.rfc3339(e.finished_at), 'tickets', (SELECT jsonb_object_agg(s.state, (SELECT count(*) FROM "
      "usher.erasure_tickets t WHERE t.erasure_id = e.id AND t.state = s.state)) FROM unnest('{found,left,pending,"
      "erased,held,gone}'::text[]) s (state)), 'certificate', e.certificate)";
  static const std::string found =
      " || jsonb_build_object('found', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.ticket_id, 'number', "
      "t.number, 'organization_id', t.organization_id, 'held', EXISTS (SELECT FROM usher.legal_holds h WHERE "
      "h.target_id IN (t.id, t.organization_id)), 'hit_count', f.hit_count, 'hits', f.hits) ORDER BY f.ticket_id), "
      "'[]') FROM usher.erasure_tickets f JOIN usher.support_tickets t ON t.id = f.ticket_id WHERE f.erasure_id = e.id "
      "AND f.hits <> '[]'))";
  static const std::string end = ", coalesce(e.refused, '') FROM usher.erasures e";
  static const std::string without = summary + end;
  static const std::string with = summary + found + end;
  return with_found ? with : without;
}

const std::string& finish_erasure_sql() {
  static const std::string text =
      "WITH counted AS (SELECT c.key, sum(c.value::bigint) AS n FROM (SELECT counts FROM usher.erasure_tickets WHERE "
      "erasure_id = $1 UNION ALL SELECT $3::jsonb) s (counts), jsonb_each_text(s.counts) c GROUP BY c.key), "
      "words AS (SELECT jsonb_build_object('erasure_id', e.id, 'subject', jsonb_build_object('kind', e.kind, 'hmac', "
      "encode(e.subject_hmac, 'hex')), 'requested_by', e.requested_by, 'requested_at', usher.rfc3339(e.requested_at), "
      "'confirmed_by', e.confirmed_by, 'finished_at', usher.rfc3339($2), 'rows', (SELECT "
      "coalesce(jsonb_object_agg(key, n), '{}') FROM counted), "
      "'tickets', (SELECT coalesce(jsonb_agg(ticket_id ORDER BY ticket_id), '[]') FROM usher.erasure_tickets WHERE "
      "erasure_id = $1 AND state = 'erased'), 'held', (SELECT coalesce(jsonb_agg(ticket_id ORDER BY ticket_id), '[]') "
      "FROM usher.erasure_tickets WHERE erasure_id = $1 AND state = 'held')) AS content FROM usher.erasures e WHERE "
      "e.id = $1) UPDATE usher.erasures e SET state = 'done', subject = NULL, agent_id = NULL, finished_at = $2, "
      "certificate = "
      "w.content || "
      "jsonb_build_object('sha256', encode(sha256(convert_to(w.content::text, 'UTF8')), 'hex')) FROM words w WHERE "
      "e.id "
      "= $1 AND e.state = 'running'";
  return text;
}

}  // namespace usher::store
