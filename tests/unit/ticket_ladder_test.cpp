// The escalation ladder (contract, section 5; sla-rules 11, 12, 13, 18).
#include "domain/notification.hpp"
#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

/// An ENTERPRISE ticket of priority high: one hour to the first response, eight to the resolution.
struct climb : ticket_fixture {
  climb() {
    for (auto [id, role] :
         {std::pair{"sam", role::agent}, {"sue", role::supervisor}, {"max", role::manager}, {"eve", role::executive}})
      add_agent(id, role);
    create();
  }

  agent& add_agent(const std::string& id, role r) {
    auto& a = settings.agents[id];
    a.id = id;
    a.role = r;
    a.email = id + "@desk.example";
    a.presence = presence::online;
    return a;
  }

  change check(bool after_outage = false) { return must(check_clocks{after_outage}, role::system); }

  /// The levels that the first response has reached, with their states.
  [[nodiscard]] std::vector<std::pair<int, escalation_state>> told(clock_kind kind = clock_kind::first_response) const {
    std::vector<std::pair<int, escalation_state>> out;
    for (const auto& e : ticket->escalations)
      if (e.clock == kind) out.emplace_back(e.level, e.state);
    return out;
  }
  [[nodiscard]] const escalation& level(int wanted, clock_kind kind = clock_kind::first_response) const {
    for (const auto& e : ticket->escalations)
      if (e.level == wanted && e.clock == kind) return e;
    FAIL("level " << wanted << " was not reached");
    return ticket->escalations.front();
  }
};

using levels = std::vector<std::pair<int, escalation_state>>;
constexpr auto fired = escalation_state::fired;
constexpr auto skipped = escalation_state::skipped;

bool alerted(const change& what, std::string_view kind) {
  return std::ranges::any_of(what.events, [&](const auto& e) {
    const auto* alert = std::get_if<alert_raised>(&e);
    return alert != nullptr && alert->kind == kind;
  });
}

}  // namespace

TEST_CASE("rule 18: thresholds are percentages of the target", "[ladder]") {
  climb t;
  t.must(assign_ticket{"sam"}, role::supervisor);
  struct row {
    int level;
    milliseconds at;
    std::string who;
  };
  for (const auto& [level, at, who] :
       {row{1, 45min, "sam"}, row{2, 54min, "sue"}, row{3, 60min + 1ms, "max"}, row{4, 75min + 1ms, "eve"}}) {
    CAPTURE(level);
    t.now = morning + at - 1ms;
    t.check();
    CHECK_FALSE(t.ticket->has_escalation(clock_kind::first_response, 1, level));
    t.now += 1ms;
    t.check();
    const auto& e = t.level(level);
    CHECK(e.state == fired);
    CHECK(e.cause == escalation_cause::clock);
    CHECK(e.scheduled_at == morning + std::chrono::floor<std::chrono::minutes>(at));
    CHECK(e.fired_at == t.now);
    CHECK(e.recipients == std::vector{who});
    CHECK(t.ticket->escalation_level == level);
    t.must(acknowledge_escalation{}, role::agent);
  }
}

TEST_CASE("ladder: the timer goes off at each level, and at nothing else", "[ladder]") {
  climb t;
  std::vector<instant> wakes;
  while (auto next = t.ticket->next_timer()) {
    t.now = *next;
    REQUIRE_FALSE(t.check().events.empty());
    wakes.push_back(*next - (morning - instant{}));
  }
  CHECK(wakes.size() == 6);  // nobody has the ticket: what level 1 can't tell, level 2 gets at once
  CHECK(t.told().size() == 4);
  CHECK(t.told(clock_kind::resolution).size() == 4);
}

TEST_CASE("rule 11: after an outage the highest level due fires, and the lower ones are recorded as skipped",
          "[ladder]") {
  climb t;
  t.now = morning + 2h;
  t.check(true);
  CHECK(t.told() == levels{{1, skipped}, {2, skipped}, {3, skipped}, {4, fired}});
  CHECK(t.level(4).scheduled_at == morning + 75min);
  CHECK(t.level(1).scheduled_at == morning + 45min);
  CHECK_FALSE(t.level(1).waits());
  CHECK(t.check(true).events.empty());
}

TEST_CASE("rule 12: what is skipped is skipped for an outage only: under load each fires", "[ladder]") {
  climb t;
  t.now = morning + 2h;
  t.check();
  CHECK(t.told() == levels{{1, fired}, {2, fired}, {3, fired}, {4, fired}});
}

TEST_CASE("rule 13: a level that reaches nobody goes up at once and raises an alert", "[ladder]") {
  climb t;
  t.now = morning + 45min;
  auto done = t.check();  // nobody has the ticket
  CHECK(t.told() == levels{{1, fired}, {2, fired}});
  CHECK_FALSE(t.level(1).waits());
  CHECK(t.level(2).cause == escalation_cause::handed_up);
  CHECK(t.level(2).scheduled_at == t.now);
  CHECK(t.level(2).recipients == std::vector<std::string>{"sue"});
  CHECK(alerted(done, "escalation_reached_nobody"));
  t.now = morning + 54min;
  CHECK(t.check().events.empty());  // it has fired: not again at its own percentage
}

TEST_CASE("rule 13: with nobody at all it climbs to the top, and the top waits", "[ladder]") {
  climb t;
  t.settings.agents.clear();
  t.now = morning + 45min;
  t.check();
  CHECK(t.told() == levels{{1, fired}, {2, fired}, {3, fired}, {4, fired}});
  CHECK(t.level(4).waits());
  CHECK(t.ticket->escalation_level == 4);
}

TEST_CASE("rule 13: a level without a channel reaches nobody", "[ladder]") {
  climb t;
  t.settings.rules[1].channels.clear();
  t.settings.compile();
  auto before = t.ticket;
  t.create();
  t.must(assign_ticket{"sam"}, role::supervisor);
  t.now = morning + 54min;
  CHECK(alerted(t.check(), "escalation_reached_nobody"));
  CHECK(t.told() == levels{{1, fired}, {2, fired}, {3, fired}});
}

TEST_CASE("ladder: what nobody acknowledged is handed up", "[ladder]") {
  climb t;
  t.must(assign_ticket{"sam"}, role::supervisor);
  t.now = morning + 45min;
  t.check();
  CHECK(t.level(1).hand_up_at == t.now + 10min);
  t.now += 10min - 1ms;
  t.must(hand_up{1}, role::system);
  CHECK(t.level(1).waits());
  // The second level's own share comes first here; it has fired by then.
  CHECK(t.level(2).cause == escalation_cause::clock);
  t.now += 5s;
  t.must(hand_up{1}, role::system);
  CHECK_FALSE(t.level(1).waits());
  CHECK(t.told() == levels{{1, fired}, {2, fired}});

  SECTION("the top is told once more, for as long as nobody takes it") {
    t.now = morning + 75min + 1ms;
    t.check();
    for (int round = 0; round < 3; ++round) {
      t.now = *t.level(4).hand_up_at;
      auto done = t.must(hand_up{4}, role::system);
      CHECK(t.level(4).hand_up_at == t.now + 10min);
      CHECK(notifications_of(done, t.settings).size() == 1);
      CHECK(notifications_of(done, t.settings)[0].event == "escalation.repeated");
    }
  }
}

TEST_CASE("ladder: a hand-up is scheduled at its instant, and fires when it comes", "[ladder]") {
  climb t;
  t.settings.rules[2].percent = 300;
  t.settings.rules[3].percent = 400;
  t.settings.compile();
  t.create();
  t.now = morning + 45min;
  t.check();
  auto due = *t.level(2).hand_up_at;
  t.now = due + 30ms;
  t.must(hand_up{2}, role::system);
  CHECK(t.level(3).cause == escalation_cause::handed_up);
  CHECK(t.level(3).scheduled_at == due);
  CHECK(t.level(3).fired_at == t.now);
  t.now = morning + 3h + 1ms;
  CHECK(t.told() == levels{{1, fired}, {2, fired}, {3, fired}});
  t.check();
  CHECK(t.told() == levels{{1, fired}, {2, fired}, {3, fired}});  // not again at its own percentage
}

TEST_CASE("ladder: an acknowledgement stops the hand-up; later percentages still fire", "[ladder]") {
  climb t;
  t.must(assign_ticket{"sam"}, role::supervisor);
  t.now = morning + 45min;
  t.check();
  t.must(acknowledge_escalation{}, role::agent);
  CHECK(t.level(1).acknowledged_by == "staff-agent");
  CHECK(t.level(1).acknowledged_at == t.now);
  t.now += 10min;
  t.must(hand_up{1}, role::system);
  CHECK(t.told() == levels{{1, fired}, {2, fired}});
  CHECK(t.level(2).cause == escalation_cause::clock);
  auto again = t.run(acknowledge_escalation{}, t.as(role::agent));
  CHECK(again);
  auto nothing = t.run(acknowledge_escalation{}, t.as(role::agent));
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == errc::conflict);
  CHECK(t.run(acknowledge_escalation{}, t.as(role::requester)).error().code == errc::forbidden);
}

TEST_CASE("ladder: a clock that stops leaves nobody anything to take", "[ladder]") {
  climb t;
  t.must(assign_ticket{"sam"}, role::supervisor);
  t.now = morning + 45min;
  t.check();
  t.staff_answers();
  CHECK_FALSE(t.level(1).waits());
  CHECK(t.run(acknowledge_escalation{}, t.as(role::agent)).error().code == errc::conflict);
  t.now += 1h;
  t.must(hand_up{1}, role::system);
  CHECK(t.told() == levels{{1, fired}});
}

TEST_CASE("rule 3: a level that was due before a late stop is told all the same", "[ladder]") {
  climb t;
  t.now = morning + 46min;
  t.staff_answers();
  CHECK(t.level(1).scheduled_at == morning + 45min);
}

TEST_CASE("ladder: by hand: one up, to a level, and no further than the top", "[ladder]") {
  climb t;
  t.must(escalate_ticket{std::nullopt, "they called"}, role::agent);
  CHECK(t.ticket->escalation_level == 2);  // nobody has the ticket: level 1 went up at once
  CHECK(t.level(1).cause == escalation_cause::manual);
  CHECK(t.level(1).reason == "they called");
  CHECK(t.run(escalate_ticket{1, ""}, t.as(role::agent)).error().code == errc::conflict);
  t.must(escalate_ticket{4, ""}, role::agent);
  CHECK(t.ticket->escalation_level == 4);
  t.must(escalate_ticket{std::nullopt, ""}, role::agent);
  CHECK(t.ticket->escalation_level == emergency_level);
  CHECK(t.ticket->priority == priority::critical);
  CHECK(t.run(escalate_ticket{std::nullopt, ""}, t.as(role::agent)).error().code == errc::conflict);
  CHECK(t.run(escalate_ticket{std::nullopt, ""}, t.as(role::requester)).error().code == errc::forbidden);
  t.set_status(ticket_status::resolved);
  CHECK(t.run(escalate_ticket{3, ""}, t.as(role::agent)).error().code == errc::conflict);
}

TEST_CASE("ladder: reopening begins at the bottom again, with another cycle", "[ladder]") {
  climb t;
  t.must(escalate_ticket{4, ""}, role::agent);
  t.set_status(ticket_status::resolved);
  t.set_status(ticket_status::open);
  CHECK(t.ticket->escalation_level == 0);
  t.must(escalate_ticket{4, ""}, role::agent);
  CHECK(t.ticket->escalation_level == 4);
}

TEST_CASE("rule 14: policy, calendar and rules are copied onto the clock; only apply reaches a running one",
          "[ladder]") {
  climb t;
  t.settings.rules[0].percent = 10;
  t.set_targets(tier::enterprise, priority::high, {2h, 2h, 16h});
  CHECK(t.clock(clock_kind::first_response).target() == 1h);
  CHECK(t.ticket->next_timer() == morning + 45min);
  t.now += 10min;
  t.must(apply_policies{}, role::manager);
  CHECK(t.clock(clock_kind::first_response).target() == 2h);
  CHECK(t.clock(clock_kind::first_response).elapsed(t.now) == 10min);
  CHECK(t.ticket->next_timer() == morning + 12min);
  CHECK(t.must(apply_policies{}, role::manager).events.empty());
}

TEST_CASE("rule 6: a target that disappears closes its clock explicitly", "[ladder]") {
  climb t;
  t.set_targets(tier::enterprise, priority::high, {std::nullopt, 1h, 8h});
  t.must(apply_policies{}, role::manager);
  CHECK(t.clock(clock_kind::first_response).is_cancelled());
}

TEST_CASE("ladder: whom a level tells, by which channel", "[ladder]") {
  climb t;
  t.settings.rules[1].channels = {"log", "email", "sms"};
  t.settings.compile();
  t.settings.agents["sue"].phone = "+15550100";
  t.settings.webhooks.push_back({webhook_id::generate(), std::nullopt, "https://hooks.example/a", {}, false});
  t.settings.webhooks.push_back(
      {webhook_id::generate(), organization_id::generate(), "https://hooks.example/b", {}, false});
  t.settings.webhooks.push_back({webhook_id::generate(), std::nullopt, "https://hooks.example/c", {"other"}, false});
  t.create();
  t.must(assign_ticket{"sam"}, role::supervisor);
  t.now = morning + 45min;
  t.check();
  t.now = morning + 54min;
  auto done = t.check();
  std::vector<std::pair<std::string, std::string>> sent;
  for (const auto& n : notifications_of(done, t.settings)) {
    sent.emplace_back(n.channel, n.recipient);
    CHECK(n.event == "escalation.fired");
    CHECK(n.payload.find("seating") == std::string::npos);
  }
  CHECK(sent == std::vector<std::pair<std::string, std::string>>{{"log", "sue"},
                                                                 {"email", "sue@desk.example"},
                                                                 {"sms", "+15550100"},
                                                                 {"webhook", "https://hooks.example/a"}});
}

TEST_CASE("ladder: level 2 takes the ticket from an assignee who is away or silent", "[ladder]") {
  climb t;
  t.add_agent("tim", role::agent);
  t.must(assign_ticket{"sam"}, role::supervisor);
  SECTION("away") {
    REQUIRE(t.run(t.message(visibility::internal), caller{"sam", role::agent, std::nullopt}));
    t.settings.agents["sam"].presence = presence::away;
    t.now = morning + 54min;
    t.check();
    CHECK(t.ticket->assignee_id == "tim");
    CHECK(*t.ticket->taken_from == std::vector<std::string>{"sam"});
  }
  SECTION("silent") {
    t.now = morning + 54min;
    t.check();
    CHECK(t.ticket->assignee_id == "tim");
  }
  SECTION("has just got it") {
    t.must(assign_ticket{""}, role::supervisor);
    t.now = morning + 50min;
    t.must(assign_ticket{"sam"}, role::supervisor);
    t.now = morning + 54min;
    t.check();
    CHECK(t.ticket->assignee_id == "sam");
  }
  SECTION("at work on it") {
    REQUIRE(t.run(t.message(visibility::internal), caller{"sam", role::agent, std::nullopt}));
    CHECK_FALSE(t.ticket->silent_since);
    t.now = morning + 54min;
    t.check();
    CHECK(t.ticket->assignee_id == "sam");
  }
}
