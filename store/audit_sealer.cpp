#include "store/audit_sealer.hpp"

#include <algorithm>

#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

/// How long an entry may stay unsealed; a round that finds nothing writes nothing.
constexpr auto seal_every = 250ms;
constexpr auto round_max = 60s;
constexpr auto last_round_max = 2s;

/// The advisory lock of whoever seals.
constexpr std::int64_t seal_lock = 0x7573'6865'7273'6561;

/// Of one round; as transactions are taken whole, it may be somewhat more.
constexpr std::int64_t entries_max = 50'000;

/// The last says that the sealer is at work: without it the policies of its role show nothing.
constexpr std::string_view session_options =
    " -c jit=off -c timezone=UTC -c idle_in_transaction_session_timeout=60s -c usher.sealer=on";

constexpr auto state_sql =
    "SELECT cluster, (SELECT system_identifier FROM pg_control_system()), adopted, horizon, "
    "pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM usher.audit_seal";

/// Links, organization by organization, those entries of which `condition` holds.
std::string link_sql(std::string_view with, std::string_view condition) {
  return "WITH " + std::string(with) +
         "fresh AS (SELECT a.*, usher.audit_personal(a.actor_sub, a.details) AS personal FROM usher.audit_log a "
         "WHERE " +
         std::string(condition) +
         "), grouped AS (SELECT organization_id, array_agg(id ORDER BY id) AS entries, array_agg(personal ORDER BY id) "
         "AS personal, array_agg(usher.audit_hash(id, organization_id, ticket_id, at, version, actor_role, action, "
         "personal) ORDER BY id) AS hashes FROM fresh GROUP BY organization_id), placed AS (SELECT g.*, "
         "coalesce(l.seq, 0) + 1 AS seq, coalesce(l.hash, decode(repeat('00', 32), 'hex')) AS prev_hash, "
         "date_trunc('milliseconds', clock_timestamp()) AS sealed_at FROM grouped g LEFT JOIN LATERAL (SELECT seq, "
         "hash FROM usher.audit_links WHERE organization_id = g.organization_id ORDER BY seq DESC LIMIT 1) l ON true) "
         "INSERT INTO usher.audit_links (organization_id, seq, sealed_at, entries, personal, hashes, prev_hash, hash) "
         "SELECT organization_id, seq, sealed_at, entries, personal, hashes, prev_hash, "
         "usher.audit_link_hash(prev_hash, seq, sealed_at, hashes) FROM placed";
}

const std::string adopt_sql =
    link_sql("linked AS MATERIALIZED (SELECT organization_id, unnest(entries) AS id FROM usher.audit_links), ",
             "NOT EXISTS (SELECT FROM linked l WHERE l.organization_id = a.organization_id AND l.id = a.id)");

const std::string seal_sql = link_sql("", "a.xid >= $1 AND a.xid < $2 AND a.id > $3");

/// How much there is from $1 to $2, up to $4 entries, and the transaction of the last of them.
constexpr auto extent_sql =
    "SELECT count(*), coalesce(max(xid), 0) FROM (SELECT xid FROM usher.audit_log WHERE xid >= $1 AND xid < $2 AND id "
    "> $3 ORDER BY xid LIMIT $4) AS first";

std::unexpected<sql_error> failed(sql_error why) { return std::unexpected(std::move(why)); }

}  // namespace

template <class Work>
sql_result<bool> audit_chain::alone(steady_time deadline, Work work) {
  if (!connection_ || !connection_->is_open()) {
    auto target = target_;
    target.options += session_options;
    auto opened = connection::open(target, deadline);
    if (!opened) return failed(std::move(opened.error()));
    connection_ = std::move(*opened);
  }
  auto& on = *connection_;
  const auto attempt = [&]() -> sql_result<bool> {
    if (auto begun = on.script("BEGIN", deadline); !begun) return failed(std::move(begun.error()));
    auto locked = on.query("SELECT pg_try_advisory_xact_lock($1)", parameters().int8(seal_lock), deadline);
    if (!locked) return failed(std::move(locked.error()));
    bool more = false;
    if (locked->boolean(0, 0)) {
      auto done = work(on);
      if (!done) return failed(std::move(done.error()));
      more = *done;
    }
    auto ended = on.script("COMMIT", deadline);
    if (!ended) return failed(std::move(ended.error()));
    return more;
  };
  auto done = attempt();
  if (!done && on.is_open() && !on.script("ROLLBACK", deadline)) on.close();
  return done;
}

sql_result<void> audit_chain::adopt(steady_time deadline) {
  auto done = alone(deadline, [&](connection& on) -> sql_result<bool> {
    auto state = on.query(state_sql, {}, deadline);
    if (!state) return failed(std::move(state.error()));
    if (state->int8(0, 0) == state->int8(0, 1)) return false;
    if (auto linked = on.query(adopt_sql, {}, deadline); !linked) return failed(std::move(linked.error()));
    auto moved = on.query(
        "UPDATE usher.audit_seal SET cluster = $1, horizon = $2, adopted = coalesce((SELECT id FROM usher.audit_log "
        "ORDER BY id DESC LIMIT 1), adopted)",
        parameters().int8(state->int8(0, 1)).int8(state->int8(0, 4)), deadline);
    if (!moved) return failed(std::move(moved.error()));
    return false;
  });
  if (!done) return failed(std::move(done.error()));
  return {};
}

sql_result<bool> audit_chain::seal(steady_time deadline) {
  return alone(deadline, [&](connection& on) { return seal_round(on, deadline); });
}

sql_result<bool> audit_chain::seal_round(connection& on, steady_time deadline) {
  auto state = on.query(state_sql, {}, deadline);
  if (!state) return failed(std::move(state.error()));
  const auto from = state->int8(0, 3);
  auto to = state->int8(0, 4);
  if (from >= to) return false;
  const auto adopted = state->uuid(0, 2);
  auto extent = on.query(extent_sql, parameters().int8(from).int8(to).uuid(adopted).int8(entries_max), deadline);
  if (!extent) return failed(std::move(extent.error()));
  if (extent->int8(0, 0) == 0) return false;
  const bool full = extent->int8(0, 0) == entries_max;
  if (full) to = extent->int8(0, 1) + 1;
  auto linked = on.query(seal_sql, parameters().int8(from).int8(to).uuid(adopted), deadline);
  if (!linked) return failed(std::move(linked.error()));
  auto moved = on.query("UPDATE usher.audit_seal SET horizon = $1", parameters().int8(to), deadline);
  if (!moved) return failed(std::move(moved.error()));
  return full;
}

audit_sealer::audit_sealer(audit_chain chain) : chain_(std::move(chain)), thread_([this] { run(); }) {}

void audit_sealer::stop() {
  {
    std::scoped_lock guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void audit_sealer::run() {
  while (true) {
    const bool more = round(round_max);
    std::unique_lock lock(mutex_);
    if (!more) changed_.wait_for(lock, seal_every, [this] { return stopping_; });
    if (stopping_) break;
  }
  round(last_round_max);
}

bool audit_sealer::round(std::chrono::milliseconds limit) {
  auto done = chain_.seal(std::chrono::steady_clock::now() + limit);
  // Once: without the database there would be a line a second.
  if (!done && !failing_) log::warn("the audit trail can't be sealed", {{"why", done.error().message}});
  failing_ = !done;
  return done.value_or(false);
}

}  // namespace usher::store
