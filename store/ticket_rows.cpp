#include "store/ticket_rows.hpp"

#include <algorithm>

namespace usher::store {

namespace {

using domain::ticket;

/// The column's word as a value of an enumeration.
template <class Parse>
auto word(const rows& from, int row, int column, Parse parse) {
  auto text = from.bytes(row, column);
  if (auto value = parse(text)) return *value;
  throw unknown_word("the database has a word that this program doesn't know: " + std::string(text));
}

// `system` is no role that a token may carry, but it writes messages.
std::optional<domain::role> parse_author(std::string_view text) {
  return text == to_word(domain::role::system) ? domain::role::system : domain::parse_role(text);
}

// The order of select_tickets().
enum column : int {
  id,
  organization,
  number,
  version,
  created_at,
  updated_at,
  resolved_at,
  deleted_at,
  emergency_since,
  merged_into,
  wedding_at,
  reopened,
  escalation_level,
  confidence,
  emergency,
  tier,
  via,
  status,
  priority,
  urgency,
  category,
  requester_id,
  raised_from,
  assignee_id,
  wedding_zone,
  wedding_venue,
  requester_name,
  requester_email,
  classified_category,
  classified_method,
  classified_signals,
  tags,
  custom_fields,
  subject,
  body,
  silent_since,
  rated_cycle,
  taken_from,
};

void read_parts(ticket& t, const rows& from, int row) {
  if (auto tags_read = from.texts(row, tags); !tags_read.empty())
    t.tags = std::make_shared<const std::vector<std::string>>(std::move(tags_read));
  if (auto taken = from.texts(row, taken_from); !taken.empty())
    t.taken_from = std::make_shared<const std::vector<std::string>>(std::move(taken));
  if (from.bytes(row, custom_fields).size() > std::string_view("\1{}").size())
    t.custom_fields = std::make_shared<const std::string>(from.json(row, custom_fields));
  if (auto at = from.maybe_at(row, wedding_at))
    t.wedding = std::make_shared<const domain::wedding>(
        domain::wedding{*at, from.text(row, wedding_zone), from.text(row, wedding_venue)});
  if (!from.is_null(row, requester_name) || !from.is_null(row, requester_email))
    t.requester = std::make_shared<const domain::contact>(
        domain::contact{from.text(row, requester_name), from.text(row, requester_email)});
}

/// Most tickets of a page share what they were taken to be about: one value for all that are equal.
class shared_classifications {
 public:
  std::shared_ptr<const domain::classification> read(const rows& from, int row) {
    domain::classification read{from.text(row, classified_category), from.float4(row, confidence),
                                from.boolean(row, emergency), from.text(row, classified_method),
                                from.texts(row, classified_signals)};
    auto known = std::find_if(known_.begin(), known_.end(), [&](const auto& each) { return *each == read; });
    if (known != known_.end()) return *known;
    auto made = std::make_shared<const domain::classification>(std::move(read));
    if (known_.size() < known_max) known_.push_back(made);
    return made;
  }

 private:
  static constexpr std::size_t known_max = 64;
  std::vector<std::shared_ptr<const domain::classification>> known_;
};

std::shared_ptr<ticket> read_ticket(const rows& from, int row) {
  auto t = std::make_shared<ticket>();
  t->id = {from.uuid(row, id)};
  t->organization = {from.uuid(row, organization)};
  t->number = from.int8(row, number);
  t->version = from.int8(row, version);
  t->created_at = from.at(row, created_at);
  t->updated_at = from.at(row, updated_at);
  t->resolved_at = from.maybe_at(row, resolved_at);
  t->deleted_at = from.maybe_at(row, deleted_at);
  t->emergency_since = from.maybe_at(row, emergency_since);
  if (!from.is_null(row, raised_from)) t->raised_from = word(from, row, raised_from, domain::parse_priority);
  if (!from.is_null(row, merged_into)) t->merged_into = domain::ticket_id{from.uuid(row, merged_into)};
  t->reopened = from.int4(row, reopened);
  t->escalation_level = static_cast<std::int16_t>(from.int4(row, escalation_level));
  t->tier = word(from, row, tier, domain::parse_tier);
  t->via = word(from, row, via, domain::parse_channel);
  t->status = word(from, row, status, domain::parse_ticket_status);
  t->priority = word(from, row, priority, domain::parse_priority);
  t->urgency = word(from, row, urgency, domain::parse_urgency);
  t->category = from.text(row, category);
  t->requester_id = from.text(row, requester_id);
  t->assignee_id = from.text(row, assignee_id);
  t->subject = from.text(row, subject);
  t->body = from.text(row, body);
  t->silent_since = from.maybe_at(row, silent_since);
  t->rated_cycle = from.int4(row, rated_cycle);
  read_parts(*t, from, row);
  return t;
}

}  // namespace

domain::clock_changed read_clock_event(const rows& events, int row, const policy_shelf& shelf) {
  auto kind = word(events, row, 1, domain::parse_clock_kind);
  int cycle = events.int4(row, 2);
  domain::clock_event event{word(events, row, 3, domain::parse_clock_event_type), events.at(row, 4), events.at(row, 5),
                            std::nullopt, events.text(row, 7)};
  if (!events.is_null(row, 6)) event.target = domain::milliseconds(events.int8(row, 6));
  if (!events.is_null(row, 8)) event.policy = shelf.find(events.uuid(row, 8));
  return {kind, cycle, std::move(event)};
}

const std::string& select_tickets() {
  static const std::string text =
      "SELECT t.id, t.organization_id, t.number, t.version, t.created_at, t.updated_at, t.resolved_at, t.deleted_at, "
      "t.emergency_since, t.merged_into, t.wedding_at, t.reopened, t.escalation_level, t.classified_confidence, "
      "t.classified_emergency, "
      "t.tier, "
      "t.channel, "
      "t.status, t.priority, t.urgency, t.category, t.requester_id, t.raised_from, t.assignee_id, t.wedding_time_zone, "
      "t.wedding_venue, "
      "t.requester_name, t.requester_email, t.classified_category, t.classified_method, t.classified_signals, t.tags, "
      "t.custom_fields, t.subject, t.body, t.silent_since, t.rated_cycle, t.taken_from FROM usher.support_tickets t";
  return text;
}

const std::string& select_clock_events() {
  static const std::string text =
      "SELECT ticket_id, clock, cycle, type, at, detected_at, target_ms, reason, policy_id "
      "FROM usher.support_sla_events WHERE ticket_id = ANY ($1) ORDER BY ticket_id, seq";
  return text;
}

const std::string& select_clock_policies() {
  static const std::string text =
      "SELECT id, content FROM usher.sla_policy_snapshots WHERE id IN "
      "(SELECT policy_id FROM usher.support_sla_events WHERE ticket_id = ANY ($1))";
  return text;
}

std::vector<statement> select_ticket_parts(const std::vector<domain::uuid>& ids) {
  static const std::string escalations =
      "SELECT ticket_id, id, clock, cycle, level, state, cause, scheduled_at, fired_at, hand_up_at, acknowledged_at, "
      "acknowledged_by, recipients, reason FROM usher.support_escalations WHERE ticket_id = ANY ($1) "
      "ORDER BY ticket_id, id";
  return {{"clock_policies", select_clock_policies(), parameters().uuids(ids)},
          {"clock_events", select_clock_events(), parameters().uuids(ids)},
          {"escalations", escalations, parameters().uuids(ids)}};
}

void take_policies(policy_shelf& shelf, const rows& policies) {
  for (int row = 0; row < policies.size(); ++row)
    std::ignore = shelf.take(policies.uuid(row, 0), policies.bytes(row, 1));
}

namespace {

domain::escalation read_escalation(const rows& from, int row) {
  domain::escalation e;
  e.id = {from.uuid(row, 1)};
  e.clock = word(from, row, 2, domain::parse_clock_kind);
  e.cycle = from.int4(row, 3);
  e.level = from.int4(row, 4);
  e.state = word(from, row, 5, domain::parse_escalation_state);
  e.cause = word(from, row, 6, domain::parse_escalation_cause);
  e.scheduled_at = from.at(row, 7);
  e.fired_at = from.maybe_at(row, 8);
  e.hand_up_at = from.maybe_at(row, 9);
  e.acknowledged_at = from.maybe_at(row, 10);
  e.acknowledged_by = from.text(row, 11);
  e.recipients = from.texts(row, 12);
  e.reason = from.text(row, 13);
  return e;
}

}  // namespace

std::vector<domain::ticket_ptr> read_tickets(const rows& tickets, std::span<const rows> parts, policy_shelf& shelf) {
  const auto& events = parts[1];
  const auto& escalations = parts[2];
  take_policies(shelf, parts[0]);
  std::vector<domain::ticket_ptr> all;
  all.reserve(static_cast<std::size_t>(tickets.size()));
  shared_classifications classifications;
  int next = 0;
  int told = 0;
  for (int row = 0; row < tickets.size(); ++row) {
    auto t = read_ticket(tickets, row);
    t->classification = classifications.read(tickets, row);
    auto updated_at = t->updated_at;
    while (next < events.size() && events.uuid(next, 0) < t->id.value) ++next;
    for (; next < events.size() && events.uuid(next, 0) == t->id.value; ++next)
      domain::apply(*t, read_clock_event(events, next, shelf), updated_at);
    while (told < escalations.size() && escalations.uuid(told, 0) < t->id.value) ++told;
    for (; told < escalations.size() && escalations.uuid(told, 0) == t->id.value; ++told)
      t->escalations.push_back(read_escalation(escalations, told));
    t->clocks.shrink_to_fit();
    t->escalations.shrink_to_fit();
    all.push_back(std::move(t));
  }
  return all;
}

std::vector<domain::uuid> ids_of(const rows& tickets) {
  std::vector<domain::uuid> ids;
  ids.reserve(static_cast<std::size_t>(tickets.size()));
  for (int row = 0; row < tickets.size(); ++row) ids.push_back(tickets.uuid(row, id));
  return ids;
}

domain::message read_message(const rows& from, int row) {
  return {{from.uuid(row, 0)},
          from.text(row, 1),
          word(from, row, 2, parse_author),
          word(from, row, 3, domain::parse_visibility),
          word(from, row, 4, domain::parse_channel),
          from.boolean(row, 5),
          from.text(row, 6),
          from.at(row, 7)};
}

domain::organization read_organization(const rows& from, int row) {
  return {{from.uuid(row, 0)}, from.text(row, 1), word(from, row, 2, domain::parse_tier),
          from.text(row, 3),   from.int8(row, 4), from.at(row, 5),
          from.at(row, 6)};
}

idempotency_record read_idempotency(const rows& from, int row) {
  idempotency_record record;
  record.fingerprint = from.text(row, 0);
  record.status = from.int4(row, 1);
  record.body = from.text(row, 2);
  if (!from.is_null(row, 3)) record.ticket = domain::ticket_id{from.uuid(row, 3)};
  record.version = from.int8(row, 4);
  record.created_at = from.at(row, 5);
  return record;
}

}  // namespace usher::store
