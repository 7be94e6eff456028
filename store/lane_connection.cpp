#include "store/lane_connection.hpp"

#include <array>

#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

/// The first half of the advisory lock's key; the lane's number is the other.
constexpr std::int32_t lane_lock_class = 0x75736872;

// A batch joins few rows with large tables by their keys. Statistics of a table that was just filled would suggest
// reading it all, and a plan is kept as long as the connection.
constexpr std::string_view session_options =
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
    " -c plan_cache_mode=force_generic_plan -c jit=off -c timezone=UTC"
    " -c idle_in_transaction_session_timeout=30s";

batch_result failed(const sql_error& why) {
  log::warn("a batch was not committed and is tried again",
            {{"sqlstate", why.sqlstate}, {"lost", why.lost}, {"timed_out", why.timed_out}});
  return {batch_outcome::failed, {}, domain::error(domain::errc::unavailable), {}, {}};
}

batch_result refused(const sql_error& why) {
  return {batch_outcome::refused, {}, to_error(why), why.sqlstate, why.constraint};
}

}  // namespace

lane_connection::lane_connection(connect_target target, int lane, std::chrono::milliseconds answer_max)
    : target_(std::move(target)), lane_(lane), answer_max_(answer_max) {
  target_.options += session_options;
}

sql_result<void> lane_connection::open() {
  if (connection_) former_backend_ = connection_->backend_pid();
  auto opened = connection::open(target_, deadline());
  if (!opened) return std::unexpected(std::move(opened.error()));
  connection_ = std::move(*opened);
  auto ready = check_durability();
  if (ready) ready = check_shape();
  if (ready) ready = claim();
  if (!ready) close();
  return ready;
}

sql_result<void> lane_connection::check_durability() {
  auto answer = connection_->query(
      "SELECT name || ' is ' || setting FROM pg_settings WHERE (name IN ('fsync', 'full_page_writes') AND setting <> "
      "'on')"
      " OR (name = 'synchronous_commit' AND setting IN ('off', 'local'))"
      " UNION ALL SELECT 'the role ' || rolname || ' bypasses row-level security' FROM pg_roles"
      " WHERE rolname = current_user AND (rolsuper OR rolbypassrls)",
      {}, deadline());
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (answer->size() > 0)
    throw unavailable_error("the database is not fit to keep what is acknowledged: " + answer->text(0, 0));
  return {};
}

sql_result<void> lane_connection::check_shape() {
  auto answer = connection_->query(
      "SELECT c.relname, c.reltype::oid::int8, string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_class c"
      " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
      " WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY c.relname, c.reltype",
      {}, deadline());
  if (!answer) return std::unexpected(std::move(answer.error()));
  for (std::size_t i = 0; i < table_count; ++i) {
    const auto& shape = shape_of(static_cast<table>(i));
    auto expected = shape.all();
    bool found = false;
    for (int row = 0; row < answer->size(); ++row) {
      if (answer->bytes(row, 0) != shape.name) continue;
      found = answer->bytes(row, 2) == expected;
      types_[i] = static_cast<type_oid>(answer->int8(row, 1));
    }
    if (!found)
      throw unavailable_error("the table usher." + std::string(shape.name) +
                              " is not the one that this program writes");
  }
  return {};
}

sql_result<void> lane_connection::claim() {
  parameters key;
  key.int4(lane_lock_class).int4(lane_);
  auto locked = connection_->query("SELECT pg_try_advisory_lock($1, $2)", key, deadline());
  if (!locked) return std::unexpected(std::move(locked.error()));
  if (!locked->boolean(0, 0)) {
    // Our own connection from before may still be there when its server process stood still.
    if (former_backend_ != 0) {
      parameters former;
      former.int4(former_backend_);
      (void)connection_->query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND usename = session_user", former,
          deadline());
    }
    return std::unexpected(
        sql_error{"55P03", "another server holds writer lane " + std::to_string(lane_), {}, false, false});
  }
  parameters lane;
  lane.int4(lane_);
  auto made = connection_->query("INSERT INTO usher.writer_lanes (lane, batch) VALUES ($1, 0) ON CONFLICT DO NOTHING",
                                 lane, deadline());
  if (!made) return std::unexpected(std::move(made.error()));
  if (number_ != 0) return {};
  auto number = read_marker();
  if (!number) return std::unexpected(std::move(number.error()));
  number_ = *number;
  return {};
}

sql_result<std::int64_t> lane_connection::read_marker() {
  parameters lane;
  lane.int4(lane_);
  auto answer = connection_->query("SELECT batch FROM usher.writer_lanes WHERE lane = $1 FOR UPDATE", lane, deadline());
  if (!answer) return std::unexpected(std::move(answer.error()));
  return answer->size() == 1 ? answer->int8(0, 0) : 0;
}

batch_result lane_connection::run(std::span<const write> writes) {
  batch all(writes, types_, lane_, ++number_);
  auto answers = connection_->pipeline(all.statements(), deadline());
  if (!answers) {
    const auto& why = answers.error();
    if (is_passing(why)) return roll_back(failed(why));
    return roll_back(refused(why));
  }
  auto missed = all.misses(*answers);
  if (!missed.empty() && missed.front().code == domain::errc::internal)
    return roll_back({batch_outcome::refused, {}, domain::error(domain::errc::internal), {}, {}});
  if (!missed.empty()) return roll_back({batch_outcome::missed, std::move(missed), {}, {}, {}});

  std::array<statement, 1> commit{statement{"commit", "COMMIT", {}}};
  auto done = connection_->pipeline(commit, deadline());
  if (done && done->size() == 1 && done->front().tag() == "COMMIT") return {batch_outcome::committed, {}, {}, {}, {}};
  if (done) return roll_back(failed({"25P02", "COMMIT rolled back", {}, false, false}));
  if (done.error().lost) return {batch_outcome::in_doubt, {}, {}, {}, {}};
  // A deferred check may fail at COMMIT, and then the server has rolled back.
  return is_passing(done.error()) ? failed(done.error()) : refused(done.error());
}

batch_result lane_connection::roll_back(batch_result why) {
  if (is_open() && !connection_->script("ROLLBACK", deadline())) close();
  return why;
}

sql_result<bool> lane_connection::resolve_doubt() {
  auto marker = read_marker();
  if (!marker) return std::unexpected(std::move(marker.error()));
  return *marker == number_;
}

}  // namespace usher::store
