#include "store/freeze_gate.hpp"

#include "domain/ids.hpp"
#include "domain/json_writer.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

// Also of tickets that are closed: their weddings take place.
constexpr std::string_view wedding_days_sql =
    "SELECT '00000000-0000-0000-0000-000000000000'::uuid, coalesce(json_agg(r), '[]')::text FROM (SELECT "
    "(t.wedding_at AT TIME ZONE z.time_zone)::date AS day, z.time_zone, count(*) AS weddings FROM "
    "usher.support_tickets t JOIN usher.organizations o ON o.id = t.organization_id CROSS JOIN LATERAL (SELECT "
    "coalesce(t.wedding_time_zone, o.time_zone) AS time_zone) z WHERE t.deleted_at IS NULL AND t.wedding_at >= $1 AND "
    "t.wedding_at < $2 GROUP BY 1, 2) r";

steady_time deadline() { return std::chrono::steady_clock::now() + 30s; }

rows must(sql_result<rows> answer) {
  if (!answer) throw unavailable_error(answer.error());
  return std::move(*answer);
}

bool has_desk(connection& with) {
  auto there = must(with.query("SELECT to_regclass('usher.support_tickets') IS NOT NULL", {}, deadline()));
  return there.boolean(0, 0);
}

void record_broken_glass(connection& with, const freeze_gate& gate, int version) {
  std::string details;
  domain::json_writer w(details);
  w.begin_object();
  w.member("break_glass", gate.break_glass);
  w.member("version", version);
  w.end_object();
  must(
      with.script("BEGIN; SET LOCAL ROLE usher_writer; SET LOCAL usher.organizations = "
                  "'00000000-0000-0000-0000-000000000000'",
                  deadline()));
  must(
      with.query("INSERT INTO usher.audit_log (id, organization_id, at, actor_sub, actor_role, action, details) VALUES "
                 "($1, '00000000-0000-0000-0000-000000000000', $2, 'system', 'system', 'schema.migrated', "
                 "$3::text::jsonb)",
                 parameters().uuid(domain::new_uuid_v7()).at(gate.now).text(details), deadline()));
  must(
      with.query("INSERT INTO usher.system_alerts (id, organization_id, at, kind, level, detail) VALUES ($1, "
                 "'00000000-0000-0000-0000-000000000000', $2, 'freeze_broken', 'critical', $3)",
                 parameters()
                     .uuid(domain::new_uuid_v7())
                     .at(gate.now)
                     .text("The schema was migrated in a freeze: " + gate.break_glass),
                 deadline()));
  must(with.script("COMMIT", deadline()));
}

}  // namespace

statement wedding_days_statement(domain::instant from, domain::instant to) {
  return {{}, std::string(wedding_days_sql), parameters().at(from).at(to)};
}

domain::freeze_state read_freeze(connection& with, const domain::freeze_rules& rules, domain::instant now) {
  if (!rules.enabled || !has_desk(with)) return domain::freeze_at(rules, {}, now);
  must(with.script("BEGIN READ ONLY; SET LOCAL ROLE usher_staff_reader", deadline()));
  auto question = wedding_days_statement(now - domain::freeze_looks_back, now + domain::freeze_looks_ahead);
  auto days = must(with.query(question.sql, question.params, deadline()));
  must(with.script("COMMIT", deadline()));
  return domain::freeze_at(rules, domain::read_wedding_days(days.text(0, 1)), now);
}

gated_migration migrate(connection& with, const freeze_gate& gate, std::span<const migration> all) {
  gated_migration out;
  domain::freeze_state state;
  if (has_desk(with) && missing_migrations(with, all) > 0) state = read_freeze(with, gate.rules, gate.now);
  if (state.frozen && gate.break_glass.empty()) {
    out.held_back = std::move(state);
    return out;
  }
  out.report = migrate(with, all);
  if (state.frozen) record_broken_glass(with, gate, out.report.version);
  return out;
}

}  // namespace usher::store
