// What the office puts together and keeps: exports, and how long closed tickets stay.
#include "domain/json_writer.hpp"
#include "metrics/log/log.hpp"
#include "store/privacy_office.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

/// How long an export can be fetched.
constexpr domain::milliseconds export_kept_for = 24h;
/// Tickets that one round of the retention takes on.
constexpr int retention_batch = 100;

constexpr std::string_view export_view =
    "SELECT jsonb_build_object('id', id, 'status', CASE WHEN document IS NULL THEN 'running' ELSE 'done' END, "
    "'requested_at', usher.rfc3339(requested_at), 'expires_at', usher.rfc3339(expires_at), 'document', document) FROM "
    "usher.privacy_exports WHERE id = $1 AND expires_at > $2 AND ($3 = '00000000-0000-0000-0000-000000000000'::uuid OR "
    "owner_id = $3)";

// Which closed tickets the rules have come to, a line each with what is to be done; $1 rules, $2 now.
const std::string due_sql =
    "SELECT t.id, r.action FROM jsonb_to_recordset($1::jsonb) AS r (category text, after_days int, action text) JOIN "
    "usher.support_tickets t ON (t.category = r.category OR (r.category = '*' AND NOT EXISTS (SELECT FROM "
    "jsonb_to_recordset($1::jsonb) AS o (category text) WHERE o.category = t.category))) WHERE t.status = 'closed' AND "
    "t.deleted_at IS NULL AND t.resolved_at <= $2 - make_interval(days => r.after_days) AND (r.action = 'delete' OR "
    "t.body <> '[erased]') AND NOT EXISTS (SELECT FROM usher.legal_holds h WHERE h.target_id IN (t.id, "
    "t.organization_id))";

constexpr std::string_view stored_rules =
    "(SELECT coalesce(jsonb_agg(jsonb_build_object('category', category, 'after_days', keep_days, 'action', action) "
    "ORDER "
    "BY category), '[]') FROM usher.retention_rules WHERE keep_days IS NOT NULL)";

std::string json_of(const std::vector<domain::retention_rule>& rules) {
  std::string out;
  domain::json_writer w(out);
  w.begin_array();
  for (const auto& rule : rules) {
    w.begin_object();
    w.member("category", std::string_view(rule.category));
    w.member("after_days", rule.after_days);
    w.member("action", std::string_view(rule.action));
    w.end_object();
  }
  w.end_array();
  return out;
}

domain::uuid owner_of(const domain::caller& by) { return by.organization ? by.organization->value : domain::uuid{}; }

}  // namespace

// -- exports ----------------------------------------------------------------------------------------------------------

privacy_office::answer privacy_office::on(const domain::export_question& what, const domain::caller& by) {
  const person who{what.subject.kind, what.subject.text, by.organization};
  bool later = what.later;
  if (!later) {
    auto count = tickets_of(who);
    count.sql = "SELECT count(*) FROM (" + count.sql + ") f";
    later = transact({std::move(count)}).front().int8(0, 0) > settings_.tickets_at_once;
  }
  if (!later) return domain::privacy_answer{transact({export_of(who)}).front().json(0, 0), std::nullopt, false};
  const auto id = domain::new_uuid_v7();
  const auto now = clock_.now();
  one("INSERT INTO usher.privacy_exports (id, owner_id, kind, subject, subject_hmac, requested_by, requested_at, "
      "expires_at) VALUES ($1, nullif($2, '00000000-0000-0000-0000-000000000000'::uuid), $3, $4, $5, $6, $7, $8)",
      parameters()
          .uuid(id)
          .uuid(owner_of(by))
          .text(to_word(who.kind))
          .text(who.text)
          .bytes(hmac_of(what.subject))
          .text(by.sub)
          .at(now)
          .at(now + export_kept_for));
  exports_.push_back(id);
  const auto view = one(std::string(export_view), parameters().uuid(id).at(now).uuid(owner_of(by)));
  return domain::privacy_answer{view.json(0, 0), id, true};
}

privacy_office::answer privacy_office::on(const domain::export_state_question& what, const domain::caller& by) {
  const auto found = one(std::string(export_view), parameters().uuid(what.id).at(clock_.now()).uuid(owner_of(by)));
  if (found.size() == 0) return domain::fail(domain::errc::not_found);
  return domain::privacy_answer{found.json(0, 0), what.id, false};
}

void privacy_office::make_export(const domain::uuid& id) {
  const auto found =
      one("SELECT kind, subject, coalesce(owner_id, '00000000-0000-0000-0000-000000000000'::uuid) FROM "
          "usher.privacy_exports WHERE id = $1 AND document IS NULL",
          parameters().uuid(id));
  if (found.size() == 0) return;  // erased meanwhile
  person who;
  who.kind = found.text(0, 0) == "email" ? domain::subject_kind::email : domain::subject_kind::user_id;
  who.text = found.text(0, 1);
  if (const domain::organization_id owner{found.uuid(0, 2)}; !owner.is_nil()) who.owner = owner;
  auto made = export_of(who);
  made.sql = "UPDATE usher.privacy_exports SET subject = NULL, document = (" + made.sql + ") WHERE id = $4";
  made.params.uuid(id);
  transact({std::move(made)});
}

// -- retention --------------------------------------------------------------------------------------------------------

privacy_office::answer privacy_office::on(const domain::retention_question&, const domain::caller&) {
  const auto found = one("SELECT jsonb_build_object('rules', " + std::string(stored_rules) +
                             ", 'legal_hold', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'id', "
                             "target_id, 'reason', reason, 'set_by', set_by, 'set_at', usher.rfc3339(set_at)) ORDER BY "
                             "set_at, target_id), '[]') FROM usher.legal_holds))",
                         {});
  return domain::privacy_answer{found.json(0, 0), std::nullopt, false};
}

privacy_office::answer privacy_office::on(const domain::retention_change& what, const domain::caller& by) {
  if (by.organization) return domain::fail(domain::errc::forbidden, "what is kept is for the whole desk to say");
  const auto rules = json_of(what.rules);
  std::vector<domain::uuid> held;
  std::vector<std::string> kinds;
  std::vector<std::string> reasons;
  for (const auto& hold : what.holds) {
    held.push_back(hold.id);
    kinds.push_back(hold.kind);
    reasons.push_back(hold.reason);
  }
  std::vector<statement> statements{
      {{}, "DELETE FROM usher.retention_rules", {}},
      {{},
       "INSERT INTO usher.retention_rules (category, keep_days, action) SELECT category, after_days, action FROM "
       "jsonb_to_recordset($1::jsonb) AS r (category text, after_days int, action text)",
       parameters().text(rules)},
      {{}, "DELETE FROM usher.legal_holds WHERE NOT target_id = ANY ($1)", parameters().uuids(held)},
      {{},
       "INSERT INTO usher.legal_holds (target_id, kind, reason, set_by, set_at) SELECT id, kind, reason, $4, $5 FROM "
       "unnest($1, $2, $3) AS h (id, kind, reason) ON CONFLICT (target_id) DO UPDATE SET kind = excluded.kind, reason "
       "= "
       "excluded.reason",
       parameters().uuids(held).texts(kinds).texts(reasons).text(by.sub).at(clock_.now())}};
  if (!what.dry_run) {
    transact(std::move(statements));
    note("privacy.retention_changed", "{\"rules\":" + rules + "}", by.sub, by.role);
    tidy_at_ = {};
    return on(domain::retention_question{}, by);
  }
  // Decided on what is asked for, and taken back: nothing is changed.
  const auto due =
      one("SELECT jsonb_build_object('dry_run', true, 'anonymise', count(*) FILTER (WHERE action = "
          "'anonymise'), 'delete', count(*) FILTER (WHERE action = 'delete'), 'tickets', coalesce((SELECT "
          "jsonb_agg(jsonb_build_object('id', f.id, 'action', f.action)) FROM (SELECT * FROM (" +
              due_sql +
              ") d WHERE NOT EXISTS (SELECT FROM usher.support_tickets x WHERE x.id = d.id AND (x.id = "
              "ANY ($3) OR x.organization_id = ANY ($3))) ORDER BY d.id LIMIT 100) f), '[]')) FROM (" +
              due_sql +
              ") d WHERE NOT EXISTS (SELECT FROM usher.support_tickets x WHERE x.id = d.id AND (x.id = ANY "
              "($3) OR x.organization_id = ANY ($3)))",
          parameters().text(rules).at(clock_.now()).uuids(held));
  return domain::privacy_answer{due.json(0, 0), std::nullopt, false};
}

void privacy_office::tidy() {
  const auto now = clock_.now();
  one("DELETE FROM usher.privacy_exports WHERE expires_at <= $1", parameters().at(now));
  forget_previews();
  const auto rules = one("SELECT " + std::string(stored_rules) + "::text", {}).text(0, 0);
  if (rules == "[]") return;
  const auto due = one(due_sql + " ORDER BY t.id LIMIT $3", parameters().text(rules).at(now).int8(retention_batch));
  std::vector<domain::uuid> anonymised;
  domain::caller keeper{"system", domain::role::admin, std::nullopt};
  int deleted = 0;
  for (int row = 0; row < due.size(); ++row) {
    if (due.text(row, 1) == "anonymise") {
      anonymised.push_back(due.uuid(row, 0));
      continue;
    }
    ++deleted;
    settings_.change_ticket({due.uuid(row, 0)}, domain::delete_ticket{}, keeper,
                            domain::completion<std::monostate>([](domain::result<std::monostate> done) {
                              if (!done)
                                log::warn("a ticket that has been kept long enough is deleted later",
                                          {{"error", to_word(done.error().code)}});
                            }));
  }
  if (deleted > 0) log::info("tickets were kept long enough and are deleted", {{"tickets", deleted}});
  if (anonymised.empty()) return;
  const auto id = domain::new_uuid_v7();
  transact({{{},
             "INSERT INTO usher.erasures (id, kind, state, requested_by, requested_at) VALUES ($1, 'retention', "
             "'running', 'system', $2)",
             parameters().uuid(id).at(now)},
            {{},
             "INSERT INTO usher.erasure_tickets (erasure_id, ticket_id) SELECT $1, t FROM unnest($2) AS u (t)",
             parameters().uuid(id).uuids(anonymised)}});
  erasures_.push_back(id);
}

}  // namespace usher::store
