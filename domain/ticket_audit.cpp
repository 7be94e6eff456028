#include <algorithm>

#include "domain/event_feed.hpp"
#include "domain/json_writer.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

namespace {

template <class T>
bool has(const std::vector<ticket_event>& events) {
  return std::any_of(events.begin(), events.end(), [](const auto& e) { return std::holds_alternative<T>(e); });
}

void write_move(json_writer& w, std::string_view name, std::string_view from, std::string_view to) {
  w.key(name);
  w.begin_object();
  w.member("from", from);
  w.member("to", to);
  w.end_object();
}

void write_note(json_writer& w, const assignment_note& note) {
  w.key("assignment");
  w.begin_object();
  w.member("cause", std::string_view(note.cause));
  if (!note.choice.agent_id.empty()) w.member("score", note.choice.score);
  w.key("reasons");
  w.begin_array();
  for (const auto& reason : note.choice.reasons) w.value(reason);
  w.end_array();
  w.end_object();
}

/// Writes the members of one event. What a customer wrote is named, not quoted: the trail outlives an erasure.
class describer {
 public:
  describer(json_writer& w, const change& what) : w_(w), what_(what) {}

  void operator()(const ticket_created& e) {
    w_.member("priority", to_word(e.ticket.priority));
    w_.member("category", std::string_view(e.ticket.category));
    w_.member("channel", to_word(e.ticket.via));
  }
  void operator()(const fields_changed& e) {
    if (e.priority) write_move(w_, "priority", to_word(what_.before->priority), to_word(*e.priority));
    if (e.category) write_move(w_, "category", what_.before->category, *e.category);
    w_.key("fields");
    w_.begin_array();
    if (e.subject) w_.value("subject");
    if (e.body) w_.value("body");
    if (e.priority) w_.value("priority");
    if (e.category) w_.value("category");
    if (e.tags) w_.value("tags");
    if (e.custom_fields) w_.value("custom_fields");
    if (e.wedding) w_.value("wedding");
    w_.end_array();
  }
  void operator()(const status_changed& e) { write_move(w_, "status", to_word(e.from), to_word(e.to)); }
  void operator()(const message_added& e) {
    w_.member("message_id", e.message.id);
    w_.member("visibility", to_word(e.message.visible));
  }
  void operator()(const ticket_assigned& e) {
    write_move(w_, "assignee_id", e.from, e.to);
    if (e.note) write_note(w_, *e.note);
  }
  void operator()(const assignee_seen&) {}
  void operator()(const ticket_rated& e) {
    w_.member("score", e.score);
    w_.member("cycle", e.cycle);
  }
  void operator()(const ticket_merged& e) { w_.member("merged_into", e.into); }
  void operator()(const merge_received& e) {
    w_.member("merged_from", e.from);
    w_.member("merged_number", e.number);
  }
  void operator()(const ticket_deleted&) {}
  void operator()(const ticket_restored&) {}
  void operator()(const classified& e) {
    w_.member("classified", std::string_view(e.verdict.category));
    w_.member("emergency", e.verdict.emergency);
  }
  void operator()(const urgency_changed& e) { write_move(w_, "urgency", to_word(e.from), to_word(e.to)); }
  void operator()(const priority_moved& e) { write_move(w_, "priority", to_word(e.from), to_word(e.to)); }
  void operator()(const escalated&) {}
  void operator()(const escalation_moved&) {}
  void operator()(const alert_raised&) {}
  void operator()(const clock_changed&) {}
  void operator()(const personal_erased& e) { w_.member("erasure_id", e.erasure); }

 private:
  json_writer& w_;
  const change& what_;
};

void write_clock(json_writer& w, const clock_changed& e) {
  w.begin_object();
  w.member("clock", to_word(e.kind));
  w.member("cycle", e.cycle);
  w.member("event", to_word(e.event.type));
  w.member("at", e.event.at);
  w.end_object();
}

}  // namespace

namespace {

void write_escalations(json_writer& w, const std::vector<ticket_event>& events) {
  w.key("escalations");
  w.begin_array();
  for (const auto& event : events) {
    if (const auto* told = std::get_if<escalated>(&event)) {
      w.begin_object();
      w.member("level", told->escalation.level);
      w.member("state", to_word(told->escalation.state));
      w.member("cause", to_word(told->escalation.cause));
      w.member("clock", to_word(told->escalation.clock));
      w.member("cycle", told->escalation.cycle);
      w.end_object();
    } else if (const auto* moved = std::get_if<escalation_moved>(&event)) {
      w.begin_object();
      w.member("level", moved->level);
      w.member("state", moved->repeated ? "repeated" : moved->acknowledged_by.empty() ? "ended" : "acknowledged");
      w.end_object();
    }
  }
  w.end_array();
}

}  // namespace

std::string_view audit_action(const change& what) noexcept {
  const auto& events = what.events;
  if (has<ticket_created>(events)) return "ticket.created";
  if (has<personal_erased>(events)) return "ticket.erased";
  if (has<ticket_deleted>(events)) return "ticket.deleted";
  if (has<ticket_restored>(events)) return "ticket.restored";
  if (has<ticket_merged>(events)) return "ticket.merged";
  if (has<merge_received>(events)) return "ticket.merge_received";
  if (has<message_added>(events)) return "message.added";
  if (has<fields_changed>(events)) return "ticket.updated";
  if (has<status_changed>(events)) return "ticket.status_changed";
  if (has<ticket_assigned>(events)) return "ticket.assigned";
  if (has<ticket_rated>(events)) return "ticket.rated";
  for (const auto& event : events) {
    const auto* clock = std::get_if<clock_changed>(&event);
    if (clock != nullptr && clock->event.type == clock_event_type::breach) return "sla.breached";
  }
  if (has<escalated>(events)) return "ticket.escalated";
  if (has<escalation_moved>(events)) return "escalation.moved";
  if (has<urgency_changed>(events)) return "ticket.urgency_changed";
  if (has<classified>(events)) return "ticket.classified";
  return "sla.changed";
}

std::string audit_details(const change& what) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  for (const auto& event : what.events) std::visit(describer(w, what), event);
  if (has<escalated>(what.events) || has<escalation_moved>(what.events)) write_escalations(w, what.events);
  if (auto told = trail_of(what); told.size() > 2) w.raw_member("events", told);
  if (has<clock_changed>(what.events)) {
    w.key("clocks");
    w.begin_array();
    for (const auto& event : what.events) {
      if (const auto* clock = std::get_if<clock_changed>(&event)) write_clock(w, *clock);
    }
    w.end_array();
  }
  w.end_object();
  return out;
}

}  // namespace usher::domain
