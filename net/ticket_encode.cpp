#include <cmath>

#include "domain/json_writer.hpp"
#include "net/encode_parts.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::json_writer;

/// A number of thousandths as a decimal fraction without trailing zeros: exact, and never in exponent form.
void write_thousandths(json_writer& w, std::int64_t thousandths) {
  char buffer[32];
  char* at = buffer;
  std::uint64_t size = static_cast<std::uint64_t>(thousandths);
  if (thousandths < 0) {
    *at++ = '-';
    size = 0 - size;
  }
  at = std::to_chars(at, buffer + sizeof buffer, size / 1000).ptr;
  auto fraction = static_cast<unsigned>(size % 1000);
  if (fraction != 0) {
    *at++ = '.';
    for (unsigned unit = 100; fraction != 0; unit /= 10) {
      *at++ = static_cast<char>('0' + fraction / unit);
      fraction %= unit;
    }
  }
  w.raw({buffer, static_cast<std::size_t>(at - buffer)});
}

void member_seconds(json_writer& w, std::string_view name, domain::milliseconds time) {
  w.key(name);
  write_thousandths(w, time.count());
}

/// An empty string is "nothing".
void member_or_null(json_writer& w, std::string_view name, const std::string& text) {
  if (text.empty())
    w.member(name, nullptr);
  else
    w.member(name, text);
}

void write_clock_members(json_writer& w, const domain::sla_clock& clock, domain::instant now) {
  const auto elapsed = clock.elapsed(now);
  w.member("clock", domain::to_word(clock.kind()));
  w.member("cycle", clock.cycle());
  w.member("state", domain::to_word(clock.state(now)));
  member_seconds(w, "target_seconds", clock.target());
  w.member("started_at", clock.started_at());
  w.member("due_at", clock.due_at());
  w.member("stopped_at", clock.stopped_at());
  w.member("breached_at", clock.breached_at(now));
  member_seconds(w, "elapsed_seconds", elapsed);
  member_seconds(w, "remaining_seconds", clock.target() - elapsed);
  w.key("consumed");
  const auto target = clock.target().count();
  write_thousandths(w, target == 0 ? 1000 : (elapsed.count() * 1000 + target / 2) / target);
}

namespace {

void write_clock(json_writer& w, const domain::sla_clock& clock, domain::instant now) {
  w.begin_object();
  write_clock_members(w, clock, now);
  w.end_object();
}

void write_classification(json_writer& w, const domain::classification& found) {
  w.begin_object();
  w.member("category", found.category);
  w.key("confidence");
  write_thousandths(w, std::lround(found.confidence * 1000.0F));
  w.member("emergency", found.emergency);
  w.member("method", found.method);
  w.key("signals");
  w.begin_array();
  for (const auto& signal : found.signals) w.value(signal);
  w.end_array();
  w.end_object();
}

void write_wedding(json_writer& w, const domain::wedding* wedding) {
  w.key("wedding");
  if (wedding == nullptr) return w.value(nullptr);
  w.begin_object();
  w.member("at", wedding->at);
  member_or_null(w, "time_zone", wedding->time_zone);
  member_or_null(w, "venue", wedding->venue);
  w.end_object();
}

void write_text_members(json_writer& w, const domain::ticket& t) {
  w.member("requester_id", t.requester_id);
  w.member("subject", t.subject);
  w.member("body", t.body);
  w.member("channel", domain::to_word(t.via));
  w.member("status", domain::to_word(t.status));
  w.member("priority", domain::to_word(t.priority));
  w.member("category", t.category);
  w.key("tags");
  w.begin_array();
  if (t.tags)
    for (const auto& tag : *t.tags) w.value(tag);
  w.end_array();
  w.raw_member("custom_fields", t.custom_fields ? std::string_view(*t.custom_fields) : std::string_view("{}"));
}

void write_ticket(json_writer& w, const domain::ticket& t, domain::instant now) {
  w.begin_object();
  w.member("id", t.id);
  w.member("number", t.number);
  w.member("organization_id", t.organization);
  w.member("tier", domain::to_word(t.tier));
  write_text_members(w, t);
  write_wedding(w, t.wedding.get());
  w.member("urgency", domain::to_word(t.urgency));
  member_or_null(w, "assignee_id", t.assignee_id);
  w.member("escalation_level", t.escalation_level);
  w.key("classification");
  if (t.classification)
    write_classification(w, *t.classification);
  else
    w.value(nullptr);
  w.key("sla");
  w.begin_array();
  for (const auto& clock : t.clocks) write_clock(w, clock, now);
  w.end_array();
  w.member("version", t.version);
  w.member("created_at", t.created_at);
  w.member("updated_at", t.updated_at);
  w.member("resolved_at", t.resolved_at);
  w.member("deleted_at", t.deleted_at);
  w.member("merged_into", t.merged_into);
  w.end_object();
}

void write_message(json_writer& w, const domain::message& m) {
  w.begin_object();
  w.member("id", m.id);
  w.key("author");
  w.begin_object();
  w.member("id", m.author_id);
  w.member("role", domain::to_word(m.author_role));
  w.end_object();
  w.member("body", m.body);
  w.member("visibility", domain::to_word(m.visible));
  w.member("created_at", m.created_at);
  w.end_object();
}

void write_organization(json_writer& w, const domain::organization& o) {
  w.begin_object();
  w.member("id", o.id);
  w.member("name", o.name);
  w.member("tier", domain::to_word(o.tier));
  w.member("time_zone", o.time_zone);
  w.member("version", o.version);
  w.member("created_at", o.created_at);
  w.member("updated_at", o.updated_at);
  w.end_object();
}

template <class T, class Write>
void write_page(std::string& out, const domain::page<T>& page, Write write) {
  json_writer w(out);
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (const auto& element : page.data) write(w, element);
  w.end_array();
  w.member("has_more", !page.next_cursor.empty());
  member_or_null(w, "next_cursor", page.next_cursor);
  w.end_object();
}

}  // namespace

void encode_ticket(std::string& out, const domain::ticket& ticket, domain::instant now) {
  json_writer w(out);
  write_ticket(w, ticket, now);
}

void encode_message(std::string& out, const domain::message& message) {
  json_writer w(out);
  write_message(w, message);
}

void encode_organization(std::string& out, const domain::organization& organization) {
  json_writer w(out);
  write_organization(w, organization);
}

void encode_tickets(std::string& out, const domain::page<domain::ticket_ptr>& page, domain::instant now) {
  write_page(out, page, [now](json_writer& w, const domain::ticket_ptr& t) { write_ticket(w, *t, now); });
}

void encode_messages(std::string& out, const domain::page<domain::message>& page) {
  write_page(out, page, write_message);
}

void encode_records(std::string& out, const domain::page<std::string>& page) {
  write_page(out, page, [](json_writer& w, const std::string& json) { w.raw(json); });
}

void encode_organizations(std::string& out, const domain::page<domain::organization>& page) {
  write_page(out, page, write_organization);
}

}  // namespace usher::net
