#include "store/batch.hpp"

#include <algorithm>
#include <set>

#include "store/analytics_queries.hpp"
#include "store/batch_keys.hpp"
#include "store/purge.hpp"
#include "store/settings_rows.hpp"

namespace usher::store {

namespace {

const std::string update_tickets_sql =
    "UPDATE usher.support_tickets t SET version = r.version, updated_at = r.updated_at, resolved_at = r.resolved_at, "
    "deleted_at = r.deleted_at, due_at = r.due_at, at_risk_at = r.at_risk_at, timer_at = r.timer_at, "
    "emergency_since = r.emergency_since, raised_from = r.raised_from, merged_into = r.merged_into, wedding_at = "
    "r.wedding_at, reopened = r.reopened, "
    "escalation_level = r.escalation_level, classified_confidence = r.classified_confidence, "
    "sla_breached = r.sla_breached, classified_emergency = r.classified_emergency, status = r.status, "
    "priority = r.priority, urgency = r.urgency, category = r.category, assignee_id = r.assignee_id, "
    "wedding_time_zone = r.wedding_time_zone, wedding_venue = r.wedding_venue, "
    "classified_category = r.classified_category, classified_method = r.classified_method, "
    "classified_signals = r.classified_signals, tags = r.tags, "
    "custom_fields = coalesce(r.custom_fields, t.custom_fields), subject = r.subject, body = coalesce(r.body, t.body), "
    "silent_since = r.silent_since, rated_cycle = r.rated_cycle, taken_from = r.taken_from, requester_id = "
    "r.requester_id, requester_name = r.requester_name, requester_email = r.requester_email "
    "FROM unnest($1::usher.support_tickets[]) r WHERE t.id = r.id AND t.version = r.version - 1 RETURNING t.id";

const std::string new_words_sql =
    "INSERT INTO usher.ticket_search (ticket_id, organization_id, document) "
    "SELECT r.id, r.organization, usher.ticket_words(r.subject, r.body) "
    "FROM unnest($1, $2, $3, $4) AS r (id, organization, subject, body)";

const std::string changed_words_sql =
    "UPDATE usher.ticket_search s SET document = usher.add_words(usher.ticket_words(r.subject, r.body), coalesce("
    "(SELECT string_agg(m.body, ' ' ORDER BY m.id) FROM usher.ticket_messages m "
    "WHERE m.ticket_id = r.id AND m.visibility = 'public'), '')) "
    "FROM unnest($1, $2, $3, $4) AS r (id, organization, subject, body) WHERE s.ticket_id = r.id";

const std::string more_words_sql =
    "UPDATE usher.ticket_search s SET document = usher.add_words(s.document, r.body) "
    "FROM unnest($1, $2, $3, $4) AS r (id, organization, subject, body) WHERE s.ticket_id = r.id";

const std::string insert_organizations_sql =
    insert_sql(table::organizations) + " ON CONFLICT (id) DO NOTHING RETURNING id";

const std::string update_organizations_sql =
    "UPDATE usher.organizations o SET name = r.name, tier = r.tier, time_zone = r.time_zone, version = r.version, "
    "updated_at = r.updated_at FROM ROWS FROM (unnest($1::usher.organizations[]), unnest($2::bigint[])) "
    "AS r (id, name, tier, time_zone, version, created_at, updated_at, expected) "
    "WHERE o.id = r.id AND o.version = r.expected RETURNING o.id";

// The events of a change are numbered on from those that the ticket has already.
const std::string continue_clocks_sql =
    "INSERT INTO usher.support_sla_events "
    "(ticket_id, seq, cycle, organization_id, at, detected_at, target_ms, clock, type, reason, policy_id) "
    "SELECT r.ticket_id, r.seq + (SELECT coalesce(max(e.seq), 0) FROM usher.support_sla_events e "
    "WHERE e.ticket_id = r.ticket_id), r.cycle, r.organization_id, r.at, r.detected_at, r.target_ms, r.clock, r.type, "
    "r.reason, r.policy_id FROM unnest($1::usher.support_sla_events[]) r";

const std::string move_escalations_sql =
    "UPDATE usher.support_escalations e SET hand_up_at = r.hand_up_at, acknowledged_at = r.acknowledged_at, "
    "acknowledged_by = r.acknowledged_by FROM unnest($1::usher.support_escalations[]) r "
    "WHERE e.ticket_id = r.ticket_id AND e.id = r.id";

const std::string insert_policies_sql =
    "INSERT INTO usher.sla_policy_snapshots (id, content) SELECT id, content FROM unnest($1, $2) AS r (id, content) "
    "ON CONFLICT (id) DO NOTHING";

// A key may be used anew after 24 h (contract, section 2).
const std::string insert_idempotency_sql =
    insert_sql(table::idempotency_keys) +
    " ON CONFLICT (organization_id, caller_sub, route, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
    "status = excluded.status, body = excluded.body, ticket_id = excluded.ticket_id, version = excluded.version, "
    "created_at = excluded.created_at WHERE idempotency_keys.created_at <= excluded.created_at - interval '24 hours' "
    "RETURNING organization_id, caller_sub, route, key";

}  // namespace

/// Collects the rows of each table.
struct batch::builder {
  row_array new_organizations{column_count(table::organizations)};
  row_array changed_organizations{column_count(table::organizations)};
  std::vector<std::int64_t> expected_versions;
  row_array new_tickets{column_count(table::support_tickets)};
  row_array changed_tickets{column_count(table::support_tickets)};
  row_array messages{column_count(table::ticket_messages)};
  row_array classifications{column_count(table::ticket_classifications)};
  row_array first_clock_events{column_count(table::support_sla_events)};
  row_array more_clock_events{column_count(table::support_sla_events)};
  row_array new_escalations{column_count(table::support_escalations)};
  row_array moved_escalations{column_count(table::support_escalations)};
  row_array notifications{column_count(table::outbox)};
  row_array ratings{column_count(table::csat_responses)};
  std::vector<domain::uuid> policy_ids;
  std::vector<std::string> policies;
  std::vector<const alert_taken_write*> taken_alerts;
  std::unordered_map<std::string, std::size_t> taken_alert_indexes;
  std::vector<const settings_write*> settings;
  std::vector<const snapshot_write*> snapshots;
  std::vector<const purge_write*> purges;
  std::vector<std::pair<const redelivery_write*, std::size_t>> redeliveries;
  std::vector<const rollup_write*> rollups;
  row_array audit{column_count(table::audit_log)};
  row_array alerts{column_count(table::system_alerts)};
  std::vector<std::pair<std::string, const idempotency_record*>> keys;
  /// The rows of `usher.ticket_search`, a column each: their document is made by the database.
  struct words {
    std::vector<domain::uuid> tickets;
    std::vector<domain::uuid> organizations;
    std::vector<std::string> subjects;
    std::vector<std::string> bodies;
  };
  words new_words;
  words changed_words;
  words more_words;

  std::unordered_map<std::string, std::size_t> new_organization_indexes;
  std::unordered_map<std::string, std::size_t> changed_organization_indexes;
  std::unordered_map<std::string, std::size_t> changed_ticket_indexes;
  std::unordered_map<std::string, std::size_t> key_indexes;

  void add(const ticket_write& what, std::size_t index) {
    add(what.change, index);
    if (what.also) add(*what.also, index);
    for (const auto& told : what.notifications) append_notification(notifications, told, what.change.at);
    if (what.idempotency) add(*what.idempotency, index);
  }

  void add(const answer_write& what, std::size_t index) { add(what.record, index); }

  void add(const rollup_write& what, std::size_t) { rollups.push_back(&what); }

  void add(const policies_write& what, std::size_t) { add_policies(what.policies); }

  void add(const settings_write& what, std::size_t index) {
    settings.push_back(&what);
    if (what.alert) add(*what.alert, index);
    add_policies(what.policies);
    append_audit(audit, what);
    if (what.idempotency) add(*what.idempotency, index);
  }

  void add_policies(const std::vector<domain::clock_policy_ptr>& all) {
    for (const auto& policy : all) {
      policy_ids.push_back(policy->id);
      policies.push_back(domain::to_json(*policy));
    }
  }

  void add(const idempotency_record& what, std::size_t index) {
    auto key = key_of(what);
    key_indexes.emplace(key, index);
    keys.emplace_back(std::move(key), &what);
  }

  void add(const domain::change& change, std::size_t index) {
    bool created = change.is_creation();
    append_ticket(created ? new_tickets : changed_tickets, change);
    if (!created) changed_ticket_indexes.emplace(key_of(change.after->id.value), index);
    const bool erases = std::ranges::any_of(
        change.events, [](const auto& event) { return std::holds_alternative<domain::personal_erased>(event); });
    if (created || (!erases && *change.before->classification != *change.after->classification))
      append_classification(classifications, change);
    add_events(change);
    add_words(change);
    append_audit(audit, change);
  }

  void add_events(const domain::change& change) {
    int seq = 0;
    for (const auto& event : change.events) {
      if (const auto* clock = std::get_if<domain::clock_changed>(&event))
        append_clock_event(change.is_creation() ? first_clock_events : more_clock_events, change, *clock, ++seq);
      else if (const auto* added = std::get_if<domain::message_added>(&event))
        append_message(messages, change, added->message);
      else if (const auto* rated = std::get_if<domain::ticket_rated>(&event))
        append_rating(ratings, change, *rated);
      else if (const auto* raised = std::get_if<domain::alert_raised>(&event))
        append_alert(alerts, change, *raised);
    }
    for (const auto& e : change.after->escalations) {
      if (change.before == nullptr || !has(*change.before, e.id))
        append_escalation(new_escalations, change, e);
      else if (is_touched(change, e.id))
        append_escalation(moved_escalations, change, e);
    }
  }

  static bool has(const domain::ticket& t, const domain::escalation_id& id) {
    return std::ranges::find(t.escalations, id, &domain::escalation::id) != t.escalations.end();
  }
  static bool is_touched(const domain::change& change, const domain::escalation_id& id) {
    return std::ranges::any_of(change.events, [&](const auto& event) {
      const auto* moved = std::get_if<domain::escalation_moved>(&event);
      return moved != nullptr && moved->id == id;
    });
  }

  /// What of the change can be searched for: a new subject or body makes the document anew, a public message adds to
  /// it.
  void add_words(const domain::change& change) {
    const auto& t = *change.after;
    bool anew = change.is_creation() || change.before->subject != t.subject || change.before->body != t.body;
    const auto* added = change.added_message();
    bool adds = added != nullptr && added->visible == domain::visibility::public_;
    if (!anew && !adds) return;
    auto& to = change.is_creation() ? new_words : anew ? changed_words : more_words;
    to.tickets.push_back(t.id.value);
    to.organizations.push_back(t.organization.value);
    to.subjects.push_back(anew ? t.subject : std::string());
    to.bodies.push_back(anew ? t.body : added->body);
  }

  void add(const organization_write& what, std::size_t index) {
    bool created = what.expected == 0;
    append_organization(created ? new_organizations : changed_organizations, what.organization);
    auto& indexes = created ? new_organization_indexes : changed_organization_indexes;
    indexes.emplace(key_of(what.organization.id.value), index);
    if (!created) expected_versions.push_back(what.expected);
    append_audit(audit, what);
  }

  void add(const snapshot_write& what, std::size_t) { snapshots.push_back(&what); }
  void add(const purge_write& what, std::size_t) { purges.push_back(&what); }
  void add(const note_write& what, std::size_t) { append_audit(audit, what); }
  void add(const alert_write& what, std::size_t) {
    append_alert(alerts, what);
    append_audit(audit, what);
    for (const auto& told : what.notifications) append_notification(notifications, told, what.at);
  }
  void add(const redelivery_write& what, std::size_t index) {
    redeliveries.emplace_back(&what, index);
    append_audit(audit, what);
  }
  void add(const alert_taken_write& what, std::size_t index) {
    append_audit(audit, what);
    for (const auto& told : what.notifications) append_notification(notifications, told, what.at);
    taken_alerts.push_back(&what);
    taken_alert_indexes.emplace(key_of(what.id), index);
  }
};

batch::batch(std::span<const write> writes, const row_types& types, int lane, std::int64_t number) {
  builder all;
  for (std::size_t i = 0; i < writes.size(); ++i)
    std::visit([&](const auto& what) { all.add(what, i); }, writes[i].what);
  open_transaction(writes, lane, number);
  add(all, types);
}

void batch::open_transaction(std::span<const write> writes, int lane, std::int64_t number) {
  std::set<domain::uuid> organizations;
  for (const auto& w : writes) {
    organizations.insert(organization_of(w).value);
    // Its audit entry is the desk's, whosever the row is.
    if (std::holds_alternative<settings_write>(w.what)) organizations.insert(domain::uuid{});
    if (const auto* kept = answer_of(w)) organizations.insert(kept->organization.value);
    if (const auto* purge = std::get_if<purge_write>(&w.what)) {
      for (const auto& id : purge->what.key_owners) organizations.insert(id.value);
      for (const auto& id : purge->what.ticket_owners) organizations.insert(id.value);
    }
  }
  std::string list;
  for (const auto& id : organizations) {
    if (!list.empty()) list += ',';
    domain::append_to(list, id);
  }
  statements_.push_back({"begin", "BEGIN", {}});
  // SET takes no parameters; the text is our own ids' and nothing else.
  statements_.push_back({{}, "SET LOCAL usher.organizations = '" + list + "'", {}});
  parameters marker;
  marker.int8(number).int4(lane);
  counts_.emplace_back(statements_.size(), 1);
  statements_.push_back({"marker", "UPDATE usher.writer_lanes SET batch = $1 WHERE lane = $2", std::move(marker)});
}

void batch::add_rows(table t, row_array& from, const row_types& types, std::string name, std::string sql) {
  parameters params;
  params.encoded(from.take(types[static_cast<std::size_t>(t)]));
  statements_.push_back({std::move(name), std::move(sql), std::move(params)});
}

void batch::add(builder& from, const row_types& types) {
  auto insert = [&](table t, row_array& what, const char* name, const std::string& sql) {
    if (what.rows() == 0) return;
    counts_.emplace_back(statements_.size(), what.rows());
    add_rows(t, what, types, name, sql);
  };
  auto expect = [&](table t, row_array& what, const char* name, const std::string& sql, auto& indexes,
                    domain::errc code) {
    if (what.rows() == 0) return false;
    expectations_.push_back({statements_.size(), std::move(indexes), code});
    add_rows(t, what, types, name, sql);
    return true;
  };
  using enum domain::errc;
  if (!from.policies.empty()) {
    parameters params;
    params.uuids(from.policy_ids).texts(from.policies);
    statements_.push_back({"policies", insert_policies_sql, std::move(params)});
  }
  for (const auto* what : from.taken_alerts) {
    auto key = key_of(what->id);
    expectations_.push_back({statements_.size(), {{key, from.taken_alert_indexes.at(key)}}, conflict});
    statements_.push_back({"take_alert",
                           "UPDATE usher.system_alerts SET acknowledged_at = $3, acknowledged_by = $4 "
                           "WHERE id = $1 AND organization_id = $2 AND acknowledged_at IS NULL RETURNING id",
                           parameters().uuid(what->id).uuid(what->organization.value).at(what->at).text(what->by)});
  }
  for (const auto* what : from.snapshots)
    statements_.push_back({"snapshot",
                           "INSERT INTO usher.sla_monitoring_snapshots (id, at, figures) VALUES ($1, $2, $3::jsonb) "
                           "ON CONFLICT DO NOTHING",
                           parameters().uuid(what->id).at(what->at).text(what->figures)});
  for (const auto* what : from.purges)
    for (auto& each : purge_statements(*what)) statements_.push_back(std::move(each));
  for (const auto& [what, index] : from.redeliveries) {
    expectations_.push_back({statements_.size(), {{key_of(what->id), index}}, conflict});
    statements_.push_back(
        {"redeliver",
         "UPDATE usher.outbox SET next_attempt_at = $4, delivered_at = NULL, given_up_at = NULL, "
         "lease_until = NULL WHERE id = $1 AND endpoint_id = $2 AND organization_id = $3 AND "
         "(lease_until IS NULL OR lease_until <= $4) RETURNING id",
         parameters().uuid(what->id).uuid(what->endpoint.value).uuid(what->organization.value).at(what->at)});
  }
  for (const auto* what : from.settings) {
    counts_.emplace_back(statements_.size(), 1);
    statements_.push_back(settings_statement(*what));
  }
  for (const auto* what : from.rollups)
    for (auto& each : rollup_statements(*what)) statements_.push_back(std::move(each));
  expect(table::organizations, from.new_organizations, "new_organizations", insert_organizations_sql,
         from.new_organization_indexes, version_mismatch);
  if (expect(table::organizations, from.changed_organizations, "organizations", update_organizations_sql,
             from.changed_organization_indexes, version_mismatch))
    statements_.back().params.int8s(from.expected_versions);
  insert(table::support_tickets, from.new_tickets, "new_tickets", insert_sql(table::support_tickets));
  expect(table::support_tickets, from.changed_tickets, "tickets", update_tickets_sql, from.changed_ticket_indexes,
         version_mismatch);
  insert(table::ticket_messages, from.messages, "messages", insert_sql(table::ticket_messages));
  auto index_words = [&](const builder::words& what, const char* name, const std::string& sql) {
    if (what.tickets.empty()) return;
    parameters params;
    params.uuids(what.tickets).uuids(what.organizations).texts(what.subjects).texts(what.bodies);
    counts_.emplace_back(statements_.size(), static_cast<int>(what.tickets.size()));
    statements_.push_back({name, sql, std::move(params)});
  };
  index_words(from.new_words, "new_words", new_words_sql);
  index_words(from.changed_words, "changed_words", changed_words_sql);
  index_words(from.more_words, "more_words", more_words_sql);
  insert(table::ticket_classifications, from.classifications, "classifications",
         insert_sql(table::ticket_classifications));
  insert(table::support_sla_events, from.first_clock_events, "new_clocks", insert_sql(table::support_sla_events));
  insert(table::support_sla_events, from.more_clock_events, "clocks", continue_clocks_sql);

  insert(table::support_escalations, from.new_escalations, "new_escalations", insert_sql(table::support_escalations));
  insert(table::support_escalations, from.moved_escalations, "escalations", move_escalations_sql);
  insert(table::outbox, from.notifications, "outbox", insert_sql(table::outbox));
  insert(table::csat_responses, from.ratings, "ratings", insert_sql(table::csat_responses));

  // Two lanes may write keys of the same caller: in one order they wait for each other, but never in a circle.
  std::sort(from.keys.begin(), from.keys.end());
  row_array keys(column_count(table::idempotency_keys));
  for (const auto& [key, record] : from.keys) append_idempotency(keys, *record);
  expect(table::idempotency_keys, keys, "idempotency", insert_idempotency_sql, from.key_indexes, idempotency_in_flight);

  insert(table::audit_log, from.audit, "audit", insert_sql(table::audit_log));
  insert(table::system_alerts, from.alerts, "alerts", insert_sql(table::system_alerts));
}

std::vector<missed_write> batch::misses(std::span<const rows> answers) const {
  std::vector<missed_write> missed;
  if (answers.size() != statements_.size()) return {{0, domain::errc::internal}};
  for (const auto& [index, count] : counts_) {
    if (answers[index].affected() != count) return {{0, domain::errc::internal}};
  }
  for (const auto& expected : expectations_) {
    auto left = expected.indexes;
    const auto& answer = answers[expected.statement];
    bool by_id = expected.missing != domain::errc::idempotency_in_flight;
    for (int row = 0; row < answer.size(); ++row) {
      std::string key = key_of(answer.uuid(row, 0));
      for (int column = 1; !by_id && column < 4; ++column) {
        key += '\0';
        key += answer.bytes(row, column);
      }
      left.erase(key);
    }
    for (const auto& [key, index] : left) missed.push_back({index, expected.missing});
  }
  return missed;
}

}  // namespace usher::store
