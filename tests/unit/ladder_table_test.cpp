// The table of contract section 5, a test a row: at which share of a clock which level tells whom, and what it does.
#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

/// A ticket with one hour to its first response, given to Sam, and everybody on duty.
struct table_row : ticket_fixture {
  table_row() {
    add("sam", role::agent);
    add("sia", role::agent);
    add("spica", role::agent).wedding_specialist = true;
    add("sue", role::supervisor);
    add("max", role::manager);
    add("eve", role::executive);
    create();
    must(assign_ticket{"sam"}, role::supervisor);
  }

  agent& add(const std::string& id, role r) {
    auto& a = settings.agents[id];
    a.id = id;
    a.role = r;
    a.presence = presence::online;
    return a;
  }

  /// What the timer brings about at this moment of the clock.
  change at(milliseconds elapsed) {
    now = morning + elapsed;
    return must(check_clocks{}, role::system);
  }
  [[nodiscard]] const escalation* told(int level) const {
    for (const auto& e : ticket->escalations)
      if (e.level == level && e.clock == clock_kind::first_response) return &e;
    return nullptr;
  }
  void check_row(int level, milliseconds when, const std::vector<std::string>& whom) {
    // Up to the deadline itself a clock is met: what is over it begins with the next millisecond.
    auto over = level >= 3 ? 1ms : 0ms;
    at(when + over - 1ms);
    CHECK(told(level) == nullptr);
    at(when + over);
    const auto* e = told(level);
    REQUIRE(e != nullptr);
    CHECK(e->state == escalation_state::fired);
    CHECK(e->cause == escalation_cause::clock);
    CHECK(e->scheduled_at == morning + when);
    CHECK(e->recipients == whom);
    CHECK(e->hand_up_at == now + 10min);
  }
};

bool raises(const change& what, std::string_view kind) {
  return std::ranges::any_of(what.events, [&](const auto& e) {
    const auto* alert = std::get_if<alert_raised>(&e);
    return alert != nullptr && alert->kind == kind;
  });
}

}  // namespace

TEST_CASE("section 5, level 1: at 75 % the assignee is reminded", "[ladder]") {
  table_row row;
  row.check_row(1, 45min, {"sam"});
  CHECK(row.ticket->assignee_id == "sam");
}

TEST_CASE("section 5, level 2: at 90 % supervisors are told; an assignee who is there keeps the ticket", "[ladder]") {
  table_row row;
  row.at(45min);
  REQUIRE(row.run(ticket_fixture::message(visibility::internal), {"sam", role::agent, std::nullopt}));
  row.check_row(2, 54min, {"sue"});
  CHECK(row.ticket->assignee_id == "sam");
}

TEST_CASE("section 5, level 2: an assignee who is away loses the ticket to somebody who is there", "[ladder]") {
  table_row row;
  row.at(45min);
  row.settings.agents["sam"].presence = presence::away;
  row.check_row(2, 54min, {"sue"});
  CHECK(row.ticket->assignee_id != "sam");
  CHECK_FALSE(row.ticket->assignee_id.empty());
}

TEST_CASE("section 5, level 3: at 100 % managers are told, and the breach is logged", "[ladder]") {
  table_row row;
  row.at(54min);
  row.at(60min);
  CHECK_FALSE(row.clock(clock_kind::first_response).breach_recorded());
  row.check_row(3, 60min, {"max"});
  CHECK(row.clock(clock_kind::first_response).breached_at(row.now) == morning + 60min);
}

TEST_CASE("section 5, level 4: at 125 % executives are told, with a system alert and an incident", "[ladder]") {
  table_row row;
  row.at(60min + 1ms);
  row.now = morning + 75min;
  CHECK_FALSE(raises(row.must(check_clocks{}, role::system), "escalation_incident"));
  auto done = row.at(75min + 1ms);
  const auto* e = row.told(4);
  REQUIRE(e != nullptr);
  CHECK(e->recipients == std::vector<std::string>{"eve"});
  CHECK(e->scheduled_at == morning + 75min);
  CHECK(raises(done, "escalation_incident"));
  CHECK(row.ticket->escalation_level == 4);
}

TEST_CASE("section 5, level 999: the emergency channel and specialists are told, and one gets the ticket at once",
          "[ladder]") {
  table_row row;
  auto done = row.must(escalate_ticket{emergency_level, "The venue is on fire."}, role::agent);
  CHECK(raises(done, "wedding_emergency"));
  CHECK(row.ticket->assignee_id == "spica");
  CHECK(row.ticket->priority == priority::critical);
  CHECK(row.ticket->escalation_level == emergency_level);
  const auto* e = row.told(emergency_level);
  REQUIRE(e != nullptr);
  CHECK(e->recipients == std::vector<std::string>{"emergency_channel", "spica"});
  CHECK(e->hand_up_at == row.now + 2min);
  // It repeats until somebody takes it.
  auto first = *e->hand_up_at;
  row.now = first;
  row.must(hand_up{emergency_level}, role::system);
  CHECK(row.told(emergency_level)->hand_up_at == first + 2min);
  row.must(acknowledge_escalation{}, role::agent);
  CHECK_FALSE(row.told(emergency_level)->waits());
}
