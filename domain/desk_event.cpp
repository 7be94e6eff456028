#include "domain/desk_event.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, event_type_count> type_words{
    "ticket.created",          "ticket.updated", "ticket.deleted",    "ticket.restored",
    "message.created",         "clock.breached", "escalation.fired",  "escalation.repeated",
    "escalation.acknowledged", "alert.raised",   "alert.acknowledged"};

/// What a change of the ticket itself is called; nothing when it left the ticket as it was.
std::optional<event_type> ticket_event_of(const ticket_event& event) {
  if (std::holds_alternative<ticket_created>(event)) return event_type::ticket_created;
  if (std::holds_alternative<ticket_deleted>(event)) return event_type::ticket_deleted;
  if (std::holds_alternative<ticket_restored>(event)) return event_type::ticket_restored;
  const bool updates = std::holds_alternative<fields_changed>(event) || std::holds_alternative<status_changed>(event) ||
                       std::holds_alternative<ticket_assigned>(event) || std::holds_alternative<ticket_merged>(event) ||
                       std::holds_alternative<merge_received>(event) || std::holds_alternative<classified>(event) ||
                       std::holds_alternative<urgency_changed>(event) ||
                       std::holds_alternative<priority_moved>(event) || std::holds_alternative<personal_erased>(event);
  return updates ? std::optional(event_type::ticket_updated) : std::nullopt;
}

std::optional<event_type> other_event_of(const ticket_event& event) {
  if (std::holds_alternative<message_added>(event)) return event_type::message_created;
  if (std::holds_alternative<alert_raised>(event)) return event_type::alert_raised;
  if (const auto* clock = std::get_if<clock_changed>(&event); clock != nullptr)
    return clock->event.type == clock_event_type::breach ? std::optional(event_type::clock_breached) : std::nullopt;
  if (const auto* told = std::get_if<escalated>(&event); told != nullptr)
    return told->escalation.state == escalation_state::fired ? std::optional(event_type::escalation_fired)
                                                             : std::nullopt;
  if (const auto* moved = std::get_if<escalation_moved>(&event); moved != nullptr) {
    if (moved->repeated) return event_type::escalation_repeated;
    if (!moved->acknowledged_by.empty()) return event_type::escalation_acknowledged;
  }
  return std::nullopt;
}

void write_ticket(json_writer& w, const ticket& t) {
  w.key("ticket");
  w.begin_object();
  w.member("id", t.id);
  w.member("number", t.number);
  w.member("organization_id", t.organization);
  w.member("version", t.version);
  w.member("status", to_word(t.status));
  w.member("priority", to_word(t.priority));
  w.member("urgency", to_word(t.urgency));
  w.member("category", std::string_view(t.category));
  w.member("tier", to_word(t.tier));
  w.member("assignee_id", t.assignee_id.empty() ? std::nullopt : std::optional(std::string_view(t.assignee_id)));
  w.member("escalation_level", t.escalation_level);
  w.end_object();
}

/// The names of what the change set, each once.
void write_changed(json_writer& w, const change& what) {
  std::vector<std::string_view> names;
  auto add = [&names](bool changed, std::string_view name) {
    if (changed && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const auto& event : what.events) {
    add(std::holds_alternative<status_changed>(event), "status");
    add(std::holds_alternative<ticket_assigned>(event), "assignee_id");
    add(std::holds_alternative<ticket_merged>(event), "merged_into");
    add(std::holds_alternative<merge_received>(event), "merged_from");
    add(std::holds_alternative<classified>(event), "classification");
    add(std::holds_alternative<urgency_changed>(event), "urgency");
    add(std::holds_alternative<priority_moved>(event), "priority");
    const bool erased = std::holds_alternative<personal_erased>(event);
    for (auto name : {"subject", "body", "tags", "custom_fields"}) add(erased, name);
    const auto* fields = std::get_if<fields_changed>(&event);
    if (fields == nullptr) continue;
    add(fields->subject.has_value(), "subject");
    add(fields->body.has_value(), "body");
    add(fields->priority.has_value(), "priority");
    add(fields->category.has_value(), "category");
    add(fields->tags.has_value(), "tags");
    add(fields->custom_fields.has_value(), "custom_fields");
    add(fields->wedding.has_value(), "wedding");
  }
  w.key("changed");
  w.begin_array();
  for (auto name : names) w.value(name);
  w.end_array();
}

void write_message(json_writer& w, const message& added) {
  w.key("message");
  w.begin_object();
  w.member("id", added.id);
  w.member("visibility", to_word(added.visible));
  w.member("author_role", to_word(added.author_role));
  w.member("channel", to_word(added.via));
  w.member("automatic", added.automatic);
  w.end_object();
}

void write_clock(json_writer& w, const clock_changed& what, const ticket& t) {
  const auto* clock = t.latest(what.kind);
  w.key("clock");
  w.begin_object();
  w.member("clock", to_word(what.kind));
  w.member("cycle", what.cycle);
  if (clock != nullptr && clock->cycle() == what.cycle)
    w.member("target_seconds", static_cast<double>(clock->target().count()) / 1000);
  w.member("breached_at", what.event.at);
  w.member("detected_at", what.event.detected_at);
  w.end_object();
}

void write_escalation(json_writer& w, const escalation& e) {
  w.key("escalation");
  w.begin_object();
  w.member("id", e.id);
  w.member("clock", to_word(e.clock));
  w.member("cycle", e.cycle);
  w.member("level", e.level);
  w.member("state", to_word(e.state));
  w.member("cause", to_word(e.cause));
  w.member("scheduled_at", e.scheduled_at);
  w.member("fired_at", std::optional<instant>(e.fired_at));
  w.key("recipients");
  w.begin_array();
  for (const auto& each : e.recipients) w.value(each);
  w.end_array();
  w.member("acknowledged_at", std::optional<instant>(e.acknowledged_at));
  w.member("acknowledged_by",
           e.acknowledged_by.empty() ? std::nullopt : std::optional(std::string_view(e.acknowledged_by)));
  w.end_object();
}

const escalation* find(const ticket& t, const escalation_id& id) {
  auto found = std::ranges::find(t.escalations, id, &escalation::id);
  return found == t.escalations.end() ? nullptr : &*found;
}

void write_envelope(json_writer& w, const uuid& id, event_type type, instant at, const organization_id& organization) {
  w.member("id", id);
  w.member("type", to_word(type));
  w.member("timestamp", at);
  w.member("organization_id", organization.is_nil() ? std::nullopt : std::optional(organization));
  w.key("data");
  w.begin_object();
}

}  // namespace

std::string_view to_word(event_type t) noexcept { return type_words[static_cast<std::size_t>(t)]; }

std::optional<event_type> parse_event_type(std::string_view word) noexcept {
  const auto* found = std::find(type_words.begin(), type_words.end(), word);
  if (found == type_words.end()) return std::nullopt;
  return static_cast<event_type>(found - type_words.begin());
}

const ticket_event* desk_event::source() const { return place < of->events.size() ? &of->events[place] : nullptr; }

uuid desk_event::id() const {
  const auto& t = *of->after;
  return named_uuid(to_string(t.id) + "/" + std::to_string(t.version) + "/" + std::to_string(place) + "/" +
                    std::string(to_word(type)));
}

bool desk_event::is_for_customers() const {
  if (type == event_type::alert_raised || type == event_type::alert_acknowledged) return false;
  const auto* added = std::get_if<message_added>(source());
  return added == nullptr || added->message.visible == visibility::public_;
}

std::string desk_event::particulars() const {
  const auto& t = *of->after;
  const auto& event = *source();
  std::string out;
  json_writer w(out);
  w.begin_object();
  if (type == event_type::ticket_updated) write_changed(w, *of);
  if (const auto* added = std::get_if<message_added>(&event)) write_message(w, added->message);
  if (type == event_type::clock_breached) write_clock(w, std::get<clock_changed>(event), t);
  if (const auto* told = std::get_if<escalated>(&event)) write_escalation(w, told->escalation);
  if (const auto* moved = std::get_if<escalation_moved>(&event))
    if (const auto* e = find(t, moved->id)) write_escalation(w, *e);
  if (const auto* raised = std::get_if<alert_raised>(&event)) {
    w.key("alert");
    w.begin_object();
    w.member("id", raised->id);
    w.member("kind", std::string_view(raised->kind));
    w.member("level", std::string_view(raised->level));
    w.end_object();
  }
  w.end_object();
  return out;
}

std::string desk_event::payload() const {
  return event_payload({id(), type, of->at, of->after->organization}, of->after.get(), particulars());
}

std::string event_payload(const event_head& head, const ticket* t, std::string_view particulars) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  write_envelope(w, head.id, head.type, head.at, head.organization);
  if (t != nullptr) write_ticket(w, *t);
  if (particulars.size() > 2) {
    if (t != nullptr) out += ',';
    out += particulars.substr(1, particulars.size() - 2);
  }
  w.end_object();
  w.end_object();
  return out;
}

std::vector<desk_event> events_of(const change& what) {
  std::vector<desk_event> out;
  for (std::size_t i = 0; i < what.events.size() && out.empty(); ++i)
    if (auto type = ticket_event_of(what.events[i])) out.push_back({*type, &what, i});
  for (std::size_t i = 0; i < what.events.size(); ++i)
    if (auto type = other_event_of(what.events[i])) out.push_back({*type, &what, i});
  return out;
}

uuid alert_event::id() const { return named_uuid(to_string(alert) + "/" + std::string(to_word(type))); }

std::string alert_event::particulars() const {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("alert");
  w.begin_object();
  w.member("id", alert);
  w.member("kind", std::string_view(kind));
  w.member("level", std::string_view(level));
  w.member("ticket_id", ticket);
  if (type == event_type::alert_acknowledged) w.member("acknowledged_by", std::string_view(acknowledged_by));
  w.end_object();
  w.end_object();
  return out;
}

std::string alert_event::payload() const {
  return event_payload({id(), type, at, organization}, nullptr, particulars());
}

}  // namespace usher::domain
