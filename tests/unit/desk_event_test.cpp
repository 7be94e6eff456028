// What programs are told of a change: which events, in which order, and to which endpoints.
#include "domain/desk_event.hpp"

#include "domain/json_members.hpp"
#include "domain/notification.hpp"
#include "tests/unit/ticket_fixture.hpp"

using namespace usher::test;

namespace {

using words = std::vector<std::string>;

words types_of(const change& what) {
  words out;
  for (const auto& event : events_of(what)) out.emplace_back(to_word(event.type));
  return out;
}

/// The text of the member at the end of the path; empty when there is none.
std::string at(std::string json, std::initializer_list<std::string_view> path) {
  for (auto name : path) {
    std::string found;
    for (auto& [key, value] : json_members(json))
      if (key == name) found = value;
    json = found;
  }
  return json;
}

webhook_endpoint hook(std::optional<organization_id> of = {}, words events = {}) {
  webhook_endpoint out;
  out.id = webhook_id::generate();
  out.organization = of;
  out.url = "https://hooks.example/" + to_string(out.id);
  out.events = std::move(events);
  return out;
}

}  // namespace

TEST_CASE("events: every type has a word of its own", "[events]") {
  for (int i = 0; i < event_type_count; ++i) CHECK(parse_event_type(to_word(event_type(i))) == event_type(i));
  CHECK_FALSE(parse_event_type("ticket.exploded"));
}

TEST_CASE("events: a life of a ticket, told in order", "[events]") {
  ticket_fixture t;
  const auto created = t.create();
  CHECK(types_of(created) == words{"ticket.created"});
  CHECK(types_of(t.staff_notes()) == words{"message.created"});
  CHECK(types_of(t.set_status(ticket_status::pending)) == words{"ticket.updated"});
  // The customer's answer opens it again: one change, the ticket's event first.
  CHECK(types_of(t.customer_writes()) == words{"ticket.updated", "message.created"});
  t.now += 9h;
  const auto late = types_of(t.must(check_clocks{}, role::system));
  CHECK(std::ranges::count(late, "clock.breached") == 2);
  CHECK(std::ranges::count(late, "escalation.fired") > 0);
  CHECK(std::ranges::count(late, "alert.raised") > 0);
  const auto taken = types_of(t.must(acknowledge_escalation{}, role::agent));
  CHECK(std::ranges::count(taken, "escalation.acknowledged") == std::ssize(taken));
  CHECK_FALSE(taken.empty());
  CHECK(types_of(t.must(delete_ticket{}, role::manager)).front() == "ticket.deleted");
}

TEST_CASE("events: a payload carries ids and states, not a customer's words", "[events]") {
  ticket_fixture t;
  t.create();
  update_ticket edit;
  edit.subject = "Everything is lost";
  edit.priority = priority::critical;
  const auto changed = t.must(edit, role::agent);
  const auto events = events_of(changed);
  REQUIRE(events.size() == 1);
  const auto payload = events[0].payload();
  CHECK(at(payload, {"id"}) == "\"" + to_string(events[0].id()) + "\"");
  CHECK(at(payload, {"type"}) == "\"ticket.updated\"");
  CHECK(at(payload, {"timestamp"}) == "\"" + format_rfc3339(changed.at) + "\"");
  CHECK(at(payload, {"organization_id"}) == "\"" + to_string(t.organization) + "\"");
  CHECK(at(payload, {"data", "ticket", "id"}) == "\"" + to_string(t.ticket->id) + "\"");
  CHECK(at(payload, {"data", "ticket", "version"}) == std::to_string(t.ticket->version));
  CHECK(at(payload, {"data", "ticket", "priority"}) == "\"critical\"");
  CHECK(at(payload, {"data", "changed"}) == R"(["subject","priority"])");
  CHECK(payload.find("Everything") == std::string::npos);
  const auto said = t.customer_writes();
  const auto told = events_of(said);
  CHECK(told.back().payload().find("anybody") == std::string::npos);
  CHECK(at(told.back().payload(), {"data", "message", "visibility"}) == "\"public\"");
}

TEST_CASE("events: an id is the event's, however often it is told", "[events]") {
  ticket_fixture t;
  const auto created = t.create();
  const auto changed = t.set_priority(priority::critical);
  const auto copy = changed;
  CHECK(events_of(changed)[0].id() == events_of(copy)[0].id());
  CHECK(events_of(changed)[0].id() != events_of(created)[0].id());
}

TEST_CASE("events: an endpoint gets what it asked for, of whom it may know", "[events][webhooks]") {
  ticket_fixture t;
  t.settings.webhooks = {hook(), hook({}, {"ticket.created"}), hook(t.organization), hook(organization_id::generate()),
                         hook()};
  t.settings.webhooks[4].disabled = true;
  const auto told = [&](const change& what) {
    std::vector<int> out;
    for (const auto& n : notifications_of(what, t.settings)) {
      CHECK(n.channel == "webhook");
      CHECK(n.version == what.after->version);
      for (int i = 0; i < 5; ++i)
        if (t.settings.webhooks[static_cast<std::size_t>(i)].id == n.endpoint) out.push_back(i);
    }
    return out;
  };
  CHECK(told(t.create()) == std::vector{0, 1, 2});
  CHECK(told(t.set_priority(priority::critical)) == std::vector{0, 2});
  CHECK(told(t.staff_answers()) == std::vector{0, 2});
  // An internal note is not the customer's to know of.
  CHECK(told(t.staff_notes()) == std::vector{0});
  t.settings.webhooks.clear();
  CHECK(told(t.staff_answers()).empty());
}

TEST_CASE("events: alerts are told to the desk's own endpoints", "[events][webhooks]") {
  desk_settings settings = desk_settings::defaults();
  const auto owner = organization_id::generate();
  settings.webhooks = {hook(), hook(owner), hook({}, {"ticket.created"})};
  alert_event what;
  what.alert = new_uuid_v7();
  what.organization = owner;
  what.at = morning;
  what.kind = "ticket_quarantined";
  what.level = "critical";
  const auto told = notifications_of(what, settings);
  REQUIRE(told.size() == 1);
  CHECK(told[0].endpoint == settings.webhooks[0].id);
  CHECK(at(told[0].payload, {"data", "alert", "kind"}) == "\"ticket_quarantined\"");
  CHECK(at(told[0].payload, {"data", "alert", "ticket_id"}) == "null");
}

TEST_CASE("events: an emergency reaches the operator's own contacts, and people in words", "[events][ladder]") {
  ticket_fixture t;
  t.settings.emergency_contacts = {{"email", "night@desk.example"}, {"sms", "+15550199"}};
  t.create();
  const auto done = t.must(escalate_ticket{emergency_level, "the caterer is missing"}, role::agent);
  words reached;
  for (const auto& n : notifications_of(done, t.settings)) {
    reached.push_back(n.channel + " " + n.recipient);
    if (n.channel != "email") continue;
    CHECK(at(n.payload, {"subject"}) == "\"EMERGENCY, ticket 1042\"");
    CHECK(at(n.payload, {"text"}).find("1042") != std::string::npos);
    CHECK(n.payload.find("seating") == std::string::npos);
    CHECK(n.payload.find("caterer") == std::string::npos);
  }
  CHECK(reached == words{"log emergency_channel", "email night@desk.example", "sms +15550199"});
}
