#include "store/outbox_source.hpp"

#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

/// The advisory lock of whoever delivers.
constexpr std::int64_t courier_lock = 0x7573'6865'636F'7572;

// As for the writer lanes: plans by key, and settled once.
// Without it the policies of its role show nothing.
constexpr std::string_view at_work = " -c usher.courier=on";
constexpr std::string_view session_options =
    " -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c timezone=UTC"
    " -c idle_in_transaction_session_timeout=30s";

constexpr std::string_view taken_columns =
    " RETURNING o.id, o.organization_id, o.channel, o.endpoint_id, o.event, o.recipient, o.payload, o.ticket_id, "
    "o.created_at, o.attempts";

std::string claim_sql(std::string_view queues, std::string_view condition) {
  return "WITH picked AS MATERIALIZED (SELECT d.id FROM " + std::string(queues) +
         " CROSS JOIN LATERAL (SELECT o.id FROM usher.outbox o WHERE " + std::string(condition) +
         " AND o.next_attempt_at <= $3 AND (o.lease_until IS NULL OR o.lease_until <= $3)"
         " ORDER BY o.next_attempt_at, o.id LIMIT q.room FOR UPDATE SKIP LOCKED) d)"
         " UPDATE usher.outbox o SET lease_until = $4 FROM picked p WHERE o.id = p.id" +
         std::string(taken_columns);
}

const std::string claim_webhooks_sql =
    claim_sql("unnest($1::uuid[], $2::bigint[]) AS q (endpoint, room)",
              "o.channel = 'webhook' AND o.endpoint_id = q.endpoint AND NOT EXISTS (SELECT FROM usher.outbox e WHERE "
              "e.endpoint_id = o.endpoint_id AND e.ticket_id = o.ticket_id AND e.next_attempt_at IS NOT NULL AND "
              "(e.version, e.id) < (o.version, o.id))");

const std::string claim_channels_sql = claim_sql("unnest($1::text[], $2::bigint[]) AS q (channel, room)",
                                                 "o.channel = q.channel AND o.endpoint_id IS NULL");

constexpr std::string_view endpoints_sql =
    "SELECT id, url, secrets, disabled_at IS NOT NULL FROM usher.webhook_endpoints WHERE id = ANY ($1)";

// A try that is there already was written by a transaction whose answer got lost.
constexpr std::string_view record_sql =
    "WITH r AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], "
    "$7::text[], $8::bigint[], $9::bigint[]) AS r (id, attempt, at_ms, took_ms, status, outcome, detail, delivered, "
    "next_ms)), "
    "moved AS (UPDATE usher.outbox o SET attempts = r.attempt::int, lease_until = NULL, "
    "next_attempt_at = CASE WHEN r.next_ms > 0 THEN 'epoch'::timestamptz + r.next_ms * interval '1 ms' END, "
    "delivered_at = CASE WHEN r.delivered = 1 THEN 'epoch'::timestamptz + (r.at_ms + r.took_ms) * interval '1 ms' END, "
    "given_up_at = CASE WHEN r.delivered = 0 AND r.next_ms = 0 THEN $10::timestamptz END "
    "FROM r WHERE o.id = r.id AND o.attempts = r.attempt - 1 RETURNING o.id, o.organization_id) "
    "INSERT INTO usher.outbox_attempts (outbox_id, attempt, organization_id, at, duration_ms, status, outcome, detail) "
    "SELECT r.id, r.attempt::int, m.organization_id, 'epoch'::timestamptz + r.at_ms * interval '1 ms', r.took_ms, "
    "nullif(r.status, 0)::int, r.outcome, nullif(r.detail, '') FROM r JOIN moved m ON m.id = r.id";

constexpr std::string_view survey_sql =
    "SELECT channel, endpoint_id, count(*), min(next_attempt_at) FILTER (WHERE lease_until IS NULL OR lease_until <= "
    "$1), min(created_at) FROM usher.outbox WHERE next_attempt_at IS NOT NULL GROUP BY channel, endpoint_id";

// An id's first half is the time at which it was made.
constexpr std::string_view purge_sql =
    "WITH gone AS MATERIALIZED (SELECT id FROM usher.outbox WHERE id < $1 AND next_attempt_at IS NULL ORDER BY id "
    "LIMIT 1000), tries AS (DELETE FROM usher.outbox_attempts a USING gone g WHERE a.outbox_id = g.id) "
    "SELECT id FROM gone";

domain::uuid first_id_of(domain::instant at) {
  domain::uuid out;
  auto ms = static_cast<std::uint64_t>(at.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) out.bytes[i] = static_cast<std::uint8_t>(ms >> (8U * (5 - i)));
  return out;
}

std::int64_t ms_of(domain::instant at) { return at.time_since_epoch().count(); }

void read_rows(outbox_claim& out, const rows& from) {
  for (int row = 0; row < from.size(); ++row) {
    outbox_row r;
    r.id = from.uuid(row, 0);
    r.organization = {from.uuid(row, 1)};
    r.queue.channel = from.text(row, 2);
    if (!from.is_null(row, 3)) r.queue.endpoint = domain::webhook_id{from.uuid(row, 3)};
    r.event = from.text(row, 4);
    r.recipient = from.text(row, 5);
    r.payload = from.json(row, 6);
    if (!from.is_null(row, 7)) r.ticket = domain::ticket_id{from.uuid(row, 7)};
    r.created_at = from.at(row, 8);
    r.attempts = from.int4(row, 9);
    out.rows.push_back(std::move(r));
  }
}

}  // namespace

outbox_source::outbox_source(connect_target courier, std::chrono::milliseconds answer_max)
    : target_(std::move(courier)), answer_max_(answer_max) {
  target_.options += session_options;
  target_.options += at_work;
}

void outbox_source::open() {
  if (connection_) former_backend_ = connection_->backend_pid();
  auto opened = connection::open(target_, deadline());
  if (!opened) throw unavailable_error(opened.error());
  connection_ = std::move(*opened);
  auto locked = connection_->query("SELECT pg_try_advisory_lock($1)", parameters().int8(courier_lock), deadline());
  const bool mine = locked && locked->boolean(0, 0);
  if (!mine && locked && former_backend_ != 0) {
    // Our own connection from before may still be there when its server process stood still.
    (void)connection_->query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND usename = session_user",
        parameters().int4(former_backend_), deadline());
  }
  if (!mine) {
    connection_->close();
    throw unavailable_error(locked ? sql_error{"55P03", "another server delivers", {}, false, false} : locked.error());
  }
  if (freed_) return;
  auto freed = connection_->query(
      "UPDATE usher.outbox SET lease_until = NULL WHERE lease_until IS NOT NULL AND next_attempt_at IS NOT NULL", {},
      deadline());
  if (!freed) {
    connection_->close();
    throw unavailable_error(freed.error());
  }
  freed_ = true;
  if (freed->affected() > 0)
    log::info("deliveries of an earlier server are taken up again", {{"notifications", freed->affected()}});
}

std::vector<rows> outbox_source::ask(std::vector<statement> statements) {
  if (!connection_ || !connection_->is_open()) open();
  auto answers = connection_->pipeline(statements, deadline());
  if (!answers) {
    // A statement that fails is ours, and would fail again on the same connection; a new one starts clean.
    connection_->close();
    throw unavailable_error(answers.error());
  }
  return std::move(*answers);
}

outbox_claim outbox_source::claim(const std::vector<outbox_wish>& wishes, domain::instant now,
                                  domain::instant lease_until) {
  std::vector<domain::uuid> endpoints;
  std::vector<std::string> channels;
  std::vector<std::int64_t> endpoint_rooms;
  std::vector<std::int64_t> channel_rooms;
  for (const auto& wish : wishes) {
    if (wish.queue.endpoint) {
      endpoints.push_back(wish.queue.endpoint->value);
      endpoint_rooms.push_back(wish.rows_max);
    } else {
      channels.push_back(wish.queue.channel);
      channel_rooms.push_back(wish.rows_max);
    }
  }
  std::vector<statement> statements;
  if (!channels.empty())
    statements.push_back({"claim_channels", claim_channels_sql,
                          parameters().texts(channels).int8s(channel_rooms).at(now).at(lease_until)});
  const auto webhooks_at = statements.size();
  if (!endpoints.empty()) {
    statements.push_back({"claim_webhooks", claim_webhooks_sql,
                          parameters().uuids(endpoints).int8s(endpoint_rooms).at(now).at(lease_until)});
    statements.push_back({"endpoints", std::string(endpoints_sql), parameters().uuids(endpoints)});
  }
  outbox_claim out;
  if (statements.empty()) return out;
  const auto answers = ask(std::move(statements));
  if (!channels.empty()) read_rows(out, answers[0]);
  if (endpoints.empty()) return out;
  read_rows(out, answers[webhooks_at]);
  const auto& known = answers[webhooks_at + 1];
  for (int row = 0; row < known.size(); ++row)
    out.endpoints[{known.uuid(row, 0)}] = {known.text(row, 1), known.texts(row, 2), known.boolean(row, 3)};
  return out;
}

void outbox_source::record(const std::vector<outbox_try>& tries, domain::instant now) {
  std::vector<domain::uuid> ids;
  std::vector<std::int64_t> attempts, at, took, status, delivered, next;
  std::vector<std::string> outcomes, details;
  for (const auto& t : tries) {
    ids.push_back(t.id);
    attempts.push_back(t.attempt);
    at.push_back(ms_of(t.at));
    took.push_back(t.took.count());
    status.push_back(t.status);
    outcomes.push_back(t.outcome);
    details.push_back(t.detail);
    delivered.push_back(t.delivered ? 1 : 0);
    next.push_back(t.next_attempt_at ? ms_of(*t.next_attempt_at) : 0);
  }
  parameters params;
  params.uuids(ids).int8s(attempts).int8s(at).int8s(took).int8s(status).texts(outcomes).texts(details);
  params.int8s(delivered).int8s(next).at(now);
  ask({{"record", std::string(record_sql), std::move(params)}});
}

void outbox_source::release(const std::vector<domain::uuid>& ids) {
  ask({{"release", "UPDATE usher.outbox SET lease_until = NULL WHERE id = ANY ($1)", parameters().uuids(ids)}});
}

std::vector<outbox_level> outbox_source::survey(domain::instant now) {
  const auto answers = ask({{"survey", std::string(survey_sql), parameters().at(now)}});
  std::vector<outbox_level> out;
  const auto& all = answers.front();
  for (int row = 0; row < all.size(); ++row) {
    outbox_level level;
    level.queue.channel = all.text(row, 0);
    if (!all.is_null(row, 1)) level.queue.endpoint = domain::webhook_id{all.uuid(row, 1)};
    level.pending = all.int8(row, 2);
    level.due = all.maybe_at(row, 3);
    level.oldest = all.at(row, 4);
    out.push_back(std::move(level));
  }
  return out;
}

std::int64_t outbox_source::purge(domain::instant before) {
  const auto gone = ask({{"settled", std::string(purge_sql), parameters().uuid(first_id_of(before))}});
  std::vector<domain::uuid> ids;
  for (int row = 0; row < gone.front().size(); ++row) ids.push_back(gone.front().uuid(row, 0));
  if (!ids.empty())
    ask({{"purge", "DELETE FROM usher.outbox WHERE id = ANY ($1) AND next_attempt_at IS NULL",
          parameters().uuids(ids)}});
  return static_cast<std::int64_t>(ids.size());
}

}  // namespace usher::store
