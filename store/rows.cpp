#include "store/rows.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::store {

namespace {

constexpr std::array<table_shape, table_count> shapes{{
    {"organizations", "id, name, tier, time_zone, version, created_at, updated_at", ""},
    {"support_tickets",
     "id, organization_id, number, version, created_at, updated_at, resolved_at, deleted_at, due_at, at_risk_at, "
     "timer_at, emergency_since, wedding_at, "
     "merged_into, reopened, escalation_level, classified_confidence, sla_breached, classified_emergency, tier, "
     "channel, "
     "status, priority, urgency, category, requester_id, raised_from, assignee_id, wedding_time_zone, wedding_venue, "
     "requester_name, "
     "requester_email, classified_category, classified_method, classified_signals, tags, custom_fields, subject, body",
     "priority_rank", "silent_since, rated_cycle, taken_from"},
    {"ticket_messages",
     "ticket_id, id, organization_id, created_at, automatic, author_role, visibility, channel, author_id, body", ""},
    {"ticket_classifications",
     "ticket_id, version, organization_id, at, confidence, emergency, category, priority, method, signals", ""},
    {"support_sla_events",
     "ticket_id, seq, cycle, organization_id, at, detected_at, target_ms, clock, type, reason, policy_id", ""},
    {"support_escalations",
     "ticket_id, id, organization_id, cycle, level, clock, state, cause, scheduled_at, fired_at, hand_up_at, "
     "acknowledged_at, acknowledged_by, recipients, reason",
     ""},
    {"outbox",
     "id, organization_id, ticket_id, version, endpoint_id, created_at, next_attempt_at, lease_until, delivered_at, "
     "given_up_at, attempts, channel, event, recipient, payload",
     ""},
    {"csat_responses", "ticket_id, cycle, organization_id, at, score, by_sub, agent_id, comment", ""},
    {"idempotency_keys",
     "organization_id, caller_sub, route, key, fingerprint, status, body, ticket_id, version, created_at", ""},
    {"audit_log", "id, organization_id, ticket_id, at, version, actor_sub, actor_role, action, details", "xid",
     "erased_by"},
    {"system_alerts", "id, organization_id, ticket_id, at, kind, level, detail, acknowledged_at, acknowledged_by", ""},
}};

const std::vector<std::string> no_texts;

const std::vector<std::string>& tags_of(const domain::ticket& t) { return t.tags ? *t.tags : no_texts; }
std::string_view fields_of(const domain::ticket& t) {
  if (t.custom_fields) return *t.custom_fields;
  return "{}";
}

bool is_breached(const domain::ticket& t) {
  return std::any_of(t.clocks.begin(), t.clocks.end(), [](const auto& clock) { return clock.breach_recorded(); });
}

void append_ticket_texts(row_array& out, const domain::ticket& t) {
  out.text(to_word(t.tier)).text(to_word(t.via)).text(to_word(t.status)).text(to_word(t.priority));
  out.text(to_word(t.urgency)).text(t.category).text(t.requester_id);
  out.text_or_null(t.raised_from ? to_word(*t.raised_from) : std::string_view()).text_or_null(t.assignee_id);
  if (t.wedding)
    out.text_or_null(t.wedding->time_zone).text_or_null(t.wedding->venue);
  else
    out.null(type::text).null(type::text);
  if (t.requester)
    out.text(t.requester->name).text(t.requester->email);
  else
    out.null(type::text).null(type::text);
}

constexpr std::size_t alert_bytes_max = 4000;

/// The beginning of the text, ending between two characters.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  return text.substr(0, bytes_max);
}

struct audit_entry {
  domain::organization_id organization;
  const domain::ticket_id* ticket = nullptr;
  domain::instant at;
  std::int64_t version;
  const domain::caller& by;
  std::string_view action;
  std::string_view details;
};

void append_entry(row_array& out, const audit_entry& entry) {
  out.begin_row();
  out.uuid(domain::new_uuid_v7()).uuid(entry.organization.value);
  if (entry.ticket != nullptr)
    out.uuid(entry.ticket->value);
  else
    out.null(type::uuid);
  out.at(entry.at).int8(entry.version).text(entry.by.sub).text(to_word(entry.by.role)).text(entry.action);
  out.jsonb(entry.details).null(type::int8).null(type::uuid);
  out.end_row();
}

}  // namespace

std::string table_shape::all() const {
  std::string out(columns);
  for (auto more : {generated, later})
    if (!more.empty()) out.append(", ").append(more);
  return out;
}

const table_shape& shape_of(table t) noexcept { return shapes[static_cast<std::size_t>(t)]; }

int column_count(table t) {
  auto all = shape_of(t).all();
  return static_cast<int>(std::count(all.begin(), all.end(), ',')) + 1;
}

std::string insert_sql(table t) {
  const auto& shape = shape_of(t);
  std::string name = "usher." + std::string(shape.name);
  auto columns = shape.written();
  return "INSERT INTO " + name + " (" + columns + ") SELECT " + columns + " FROM unnest($1::" + name + "[])";
}

void append_organization(row_array& out, const domain::organization& what) {
  out.begin_row();
  out.uuid(what.id.value).text(what.name).text(to_word(what.tier)).text(what.time_zone).int8(what.version);
  out.at(what.created_at).at(what.updated_at);
  out.end_row();
}

void append_ticket(row_array& out, const domain::change& what) {
  const auto& t = *what.after;
  const auto* before = what.before.get();
  const auto& verdict = *t.classification;
  out.begin_row();
  out.uuid(t.id.value).uuid(t.organization.value).int8(t.number).int8(t.version).at(t.created_at).at(t.updated_at);
  out.at(t.resolved_at).at(t.deleted_at).at(t.due_at()).at(t.at_risk_at());
  out.at(t.is_live() ? t.next_timer() : std::nullopt).at(std::optional<domain::instant>(t.emergency_since));
  if (t.wedding)
    out.at(t.wedding->at);
  else
    out.null(type::timestamptz);
  if (t.merged_into)
    out.uuid(t.merged_into->value);
  else
    out.null(type::uuid);
  out.int4(t.reopened).int4(t.escalation_level).float4(verdict.confidence);
  out.boolean(is_breached(t)).boolean(verdict.emergency);
  append_ticket_texts(out, t);
  out.text(verdict.category).text(verdict.method).texts(verdict.signals).texts(tags_of(t));
  if (before != nullptr && fields_of(*before) == fields_of(t))
    out.null(type::jsonb);
  else
    out.jsonb(fields_of(t));
  out.text(t.subject);
  if (before != nullptr && before->body == t.body)
    out.null(type::text);
  else
    out.text(t.body);
  out.null(type::int2);  // generated, and the table's column before those that came later
  out.at(std::optional<domain::instant>(t.silent_since)).int4(t.rated_cycle);
  out.texts(t.taken_from ? *t.taken_from : no_texts);
  out.end_row();
}

void append_message(row_array& out, const domain::change& what, const domain::message& added) {
  out.begin_row();
  out.uuid(what.after->id.value).uuid(added.id.value).uuid(what.after->organization.value).at(added.created_at);
  out.boolean(added.automatic).text(to_word(added.author_role)).text(to_word(added.visible)).text(to_word(added.via));
  out.text(added.author_id).text(added.body);
  out.end_row();
}

void append_classification(row_array& out, const domain::change& what) {
  const auto& t = *what.after;
  const auto& verdict = *t.classification;
  out.begin_row();
  out.uuid(t.id.value).int8(t.version).uuid(t.organization.value).at(what.at);
  out.float4(verdict.confidence).boolean(verdict.emergency).text(verdict.category).text(to_word(t.priority));
  out.text(verdict.method).texts(verdict.signals);
  out.end_row();
}

void append_clock_event(row_array& out, const domain::change& what, const domain::clock_changed& event, int seq) {
  const auto& e = event.event;
  out.begin_row();
  out.uuid(what.after->id.value).int4(seq).int4(event.cycle).uuid(what.after->organization.value);
  out.at(e.at).at(e.detected_at);
  if (e.target)
    out.int8(e.target->count());
  else
    out.null(type::int8);
  out.text(to_word(event.kind)).text(to_word(e.type)).text_or_null(e.reason);
  if (e.policy)
    out.uuid(e.policy->id);
  else
    out.null(type::uuid);
  out.end_row();
}

void append_escalation(row_array& out, const domain::change& what, const domain::escalation& e) {
  out.begin_row();
  out.uuid(what.after->id.value).uuid(e.id.value).uuid(what.after->organization.value).int4(e.cycle).int4(e.level);
  out.text(to_word(e.clock)).text(to_word(e.state)).text(to_word(e.cause)).at(e.scheduled_at);
  out.at(std::optional<domain::instant>(e.fired_at)).at(std::optional<domain::instant>(e.hand_up_at));
  out.at(std::optional<domain::instant>(e.acknowledged_at)).text_or_null(e.acknowledged_by).texts(e.recipients);
  out.text_or_null(e.reason);
  out.end_row();
}

void append_rating(row_array& out, const domain::change& what, const domain::ticket_rated& rated) {
  out.begin_row();
  out.uuid(what.after->id.value).int4(rated.cycle).uuid(what.after->organization.value).at(what.at);
  out.int4(rated.score).text(what.by.sub).text_or_null(rated.agent_id).text_or_null(rated.comment);
  out.end_row();
}

void append_notification(row_array& out, const domain::notification& what, domain::instant at) {
  out.begin_row();
  out.uuid(what.id).uuid(what.organization.value);
  if (what.ticket)
    out.uuid(what.ticket->value);
  else
    out.null(type::uuid);
  out.int8(what.version);
  if (what.endpoint)
    out.uuid(what.endpoint->value);
  else
    out.null(type::uuid);
  out.at(at).at(at).null(type::timestamptz).null(type::timestamptz).null(type::timestamptz).int4(0);
  out.text(what.channel).text(what.event).text(what.recipient).jsonb(what.payload);
  out.end_row();
}

void append_alert(row_array& out, const domain::change& what, const domain::alert_raised& raised) {
  append_alert(
      out,
      alert_write{
          raised.kind, raised.level, raised.detail, what.after->id, what.after->organization, what.at, {}, raised.id});
}

void append_idempotency(row_array& out, const idempotency_record& what) {
  out.begin_row();
  out.uuid(what.organization.value).text(what.caller_sub).text(what.route).text(what.key).bytes(what.fingerprint);
  out.int4(what.status).text(what.body);
  if (what.ticket)
    out.uuid(what.ticket->value);
  else
    out.null(type::uuid);
  out.int8(what.version).at(what.created_at);
  out.end_row();
}

void append_audit(row_array& out, const domain::change& what) {
  std::string details = domain::audit_details(what);
  append_entry(out, {what.after->organization, &what.after->id, what.at, what.after->version, what.by,
                     domain::audit_action(what), details});
}

void append_audit(row_array& out, const organization_write& what) {
  const auto& o = what.organization;
  std::string details;
  domain::json_writer w(details);
  w.begin_object();
  w.member("tier", to_word(o.tier));
  w.member("time_zone", std::string_view(o.time_zone));
  w.end_object();
  append_entry(out, {o.id, nullptr, o.updated_at, o.version, what.by,
                     what.expected == 0 ? "organization.created" : "organization.updated", details});
}

void append_audit(row_array& out, const settings_write& what) {
  std::string details;
  domain::json_writer w(details);
  w.begin_object();
  w.member("key", std::string_view(what.key));
  if (!what.break_glass.empty()) w.member("break_glass", std::string_view(what.break_glass));
  w.end_object();
  append_entry(out, {domain::organization_id{}, nullptr, what.at, 0, what.by, what.action, details});
}

// Not of the ticket's own trail: an alert is no change of it.
void append_audit(row_array& out, const alert_write& what) {
  auto owner = what.organization.value_or(domain::organization_id{});
  domain::alert_event event{
      domain::event_type::alert_raised, what.id, owner, what.ticket, what.at, what.kind, what.level, {}};
  append_entry(out, {owner, nullptr, what.at, 0, domain::caller::system(), "alert.raised",
                     "{\"events\":" + domain::trail_of(event) + "}"});
}

void append_audit(row_array& out, const alert_taken_write& what) {
  append_entry(out, {what.organization, nullptr, what.at, 0, domain::caller{what.by, what.by_role, std::nullopt},
                     "alert.acknowledged", "{\"events\":" + what.events + "}"});
}

void append_audit(row_array& out, const note_write& what) {
  append_entry(out, {what.organization, nullptr, what.at, 0, what.by, what.action, what.details});
}

void append_audit(row_array& out, const redelivery_write& what) {
  std::string details;
  domain::json_writer w(details);
  w.begin_object();
  w.member("delivery_id", what.id);
  w.member("webhook_id", what.endpoint);
  w.end_object();
  append_entry(out, {what.organization, nullptr, what.at, 0, what.by, "webhook.redelivered", details});
}

void append_alert(row_array& out, const alert_write& what) {
  out.begin_row();
  out.uuid(what.id).uuid(what.organization.value_or(domain::organization_id{}).value);
  if (what.ticket)
    out.uuid(what.ticket->value);
  else
    out.null(type::uuid);
  out.at(what.at)
      .text(what.kind)
      .text(what.level)
      .text(shortened(what.detail, alert_bytes_max))
      .null(type::timestamptz)
      .null(type::text);
  out.end_row();
}

}  // namespace usher::store
