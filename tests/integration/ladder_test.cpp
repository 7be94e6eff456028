// The ladder in real time, over HTTP (contract, section 5), and a wedding day from outside.
#include "domain/time.hpp"
#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
using namespace std::chrono;

namespace {

usher::domain::instant at(const json& from, const std::string& pointer) {
  auto read = usher::domain::parse_rfc3339(from.text(pointer));
  REQUIRE(read);
  return *read;
}

/// A first response within so long, a resolution far away, and somebody at each level, from the next start on.
void hurry(desk& d, milliseconds target = 2s) {
  const auto ms = std::to_string(target.count());
  d.database()->run("update usher.support_sla_configs set first_response_ms = " + ms + ", next_response_ms = " + ms +
                    ", resolution_ms = 3600000; "
                    "insert into usher.support_agents (id, name, role, wedding_specialist, presence) values "
                    "('sam', 'Sam', 'agent', true, 'online'), ('sue', 'Sue', 'supervisor', false, 'online'), "
                    "('max', 'Max', 'manager', false, 'online'), ('eve', 'Eve', 'executive', false, 'online')");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
}

/// What the ladder has told of the first response, by level.
std::vector<json> told(person& by, const std::string& id) {
  std::vector<json> out;
  for (const auto& e : must(by.get(path_of(id, "/sla")), 200).items("/clocks/0/escalations"))
    if (e.text("/state") != "armed") out.push_back(e);
  return out;
}

bool wait_for_levels(person& by, const std::string& id, std::size_t count) {
  return wait_until([&] { return told(by, id).size() >= count; }, 20s, 50ms);
}

}  // namespace

TEST_CASE("ladder: a ticket goes through 75, 90, 100 and 125 % of its clock, each at its instant") {
  desk d;
  hurry(d);
  auto customer = d.customer();
  auto supervisor = d.as("supervisor");
  auto made = create(customer, "Tick");
  auto id = made.text("/id");
  must(supervisor.put(path_of(id, "/assign"), R"({"agent_id":"sam"})"), 200);
  auto armed = must(customer.get(path_of(id, "/sla")), 200).items("/clocks/0/escalations");
  REQUIRE(armed.size() == 4);
  CHECK(armed[0].text("/state") == "armed");
  CHECK(at(armed[0], "/scheduled_at") == at(made, "/created_at") + 1500ms);

  REQUIRE(wait_for_levels(supervisor, id, 4));
  auto levels = told(supervisor, id);
  const std::vector<std::pair<milliseconds, std::string>> wanted{
      {1500ms, "sam"}, {1800ms, "sue"}, {2000ms, "max"}, {2500ms, "eve"}};
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i, levels[i].dump());
    CHECK(levels[i].number("/level") == static_cast<std::int64_t>(i) + 1);
    CHECK(levels[i].text("/state") == "fired");
    CHECK(levels[i].text("/cause") == "clock");
    CHECK(at(levels[i], "/scheduled_at") == at(made, "/created_at") + wanted[i].first);
    CHECK(at(levels[i], "/fired_at") >= at(levels[i], "/scheduled_at"));
    CHECK(levels[i].text("/recipients/0") == wanted[i].second);
  }
  auto now = must(customer.get(path_of(id)), 200);
  CHECK(now.number("/escalation_level") == 4);
  CHECK(now.text("/sla/0/state") == "breached");
  CHECK(at(now, "/sla/0/breached_at") == at(made, "/created_at") + 2s);
  CHECK(d.database()->count("select count(*) from usher.outbox where event = 'escalation.fired'") == 4);
  CHECK(d.database()->count(
            "select count(*) from usher.system_alerts where kind = 'escalation_incident' and ticket_id = $1", {id}) ==
        1);

  auto listed = must(supervisor.get("/api/support/escalation?state=fired&level=4&ticket_id=" + id), 200).items("/data");
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].text("/ticket_id") == id);
  CHECK(listed[0].text("/clock") == "first_response");
  CHECK(problem(customer.get("/api/support/escalation")) == 403);
  CHECK(must(d.as("agent", "", org_b).get("/api/support/escalation"), 200).items("/data").empty());

  must(supervisor.post(path_of(id, "/acknowledge"), ""), 200);
  CHECK(problem(supervisor.post(path_of(id, "/acknowledge"), "")) == 409);
  for (const auto& e : told(supervisor, id)) CHECK(e.text("/acknowledged_by") == "the-supervisor");
}

TEST_CASE("ladder: levels that were due inside a gap fire once after it, the highest; the others are skipped") {
  desk d;
  // Time enough to make them all before the first level of the first one is due, on a busy machine too.
  hurry(d, 12s);
  auto customer = d.customer();
  auto agent = d.as("agent");
  std::vector<json> made;
  for (int i = 0; i < 30; ++i) made.push_back(create(customer, "Gap " + std::to_string(i)));
  d.server.kill_server();
  d.server.kill_database();
  auto last = at(made.back(), "/sla/0/due_at") + 4s;
  REQUIRE(wait_until([&] { return usher::domain::system_clock_port().now() > last; }, 30s));
  d.server.start();
  auto again = d.as("agent");
  for (const auto& each : made) {
    auto levels = told(again, each.text("/id"));
    REQUIRE(levels.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(levels[i].number("/level") == static_cast<std::int64_t>(i) + 1);
      CHECK(levels[i].text("/state") == (i == 3 ? "fired" : "skipped"));
    }
    CHECK(at(levels[3], "/scheduled_at") == at(each, "/created_at") + 15s);
    CHECK(at(levels[3], "/fired_at") > at(levels[3], "/scheduled_at") + 500ms);
  }
  CHECK(d.database()->count("select count(*) from usher.support_escalations") == 120);
  auto supervisor = d.as("supervisor");
  auto report = must(supervisor.post("/api/support/escalation", R"({"action":"check"})"), 200);
  CHECK(report.number("/checked") >= 60);
  CHECK(report.number("/fired") == 0);
  CHECK(report.number("/repaired") == 0);
  CHECK(d.database()->count("select count(*) from usher.support_escalations") == 120);
}

TEST_CASE("ladder: what nobody acknowledges is handed up, by the rule of its level") {
  desk d;
  d.database()->run("update usher.support_escalation_rules set ack_seconds = 1");
  hurry(d);
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "Up").text("/id");
  must(agent.post(path_of(id, "/escalate"), R"({"level":2,"reason":"They called."})"), 200);
  REQUIRE(wait_until(
      [&] {
        for (const auto& e : told(agent, id))
          if (e.number("/level") == 3 && e.text("/cause") == "handed_up") return true;
        return false;
      },
      20s, 50ms));
  auto levels = told(agent, id);
  CHECK(levels[0].text("/cause") == "manual");
  CHECK(levels[0].text("/reason") == "They called.");
  CHECK(problem(agent.post(path_of(id, "/escalate"), R"({"level":1})")) == 409);
  CHECK(problem(agent.post(path_of(id, "/escalate"), R"({"level":5})")) == 422);
  CHECK(problem(customer.post(path_of(id, "/escalate"), "{}")) == 403);
}

TEST_CASE("wedding day: a vendor who is missing today starts the emergency protocol, even without a date") {
  desk d;
  hurry(d);
  auto customer = d.customer();
  auto t = must(customer.post(tickets_path,
                              R"({"subject":"Our florist has not come","body":"The ceremony is at three today and the )"
                              R"(florist has not shown up. Nobody answers the phone. Please help us right now!"})"),
                201);
  CAPTURE(t.dump());
  CHECK(t.text("/category") == "vendor_no_show");
  CHECK(t.truth("/classification/emergency"));
  CHECK(t.text("/urgency") == "emergency");
  CHECK(t.text("/priority") == "critical");
  CHECK(t.number("/escalation_level") == 999);
  CHECK(t.text("/assignee_id") == "sam");
  auto agent = d.as("agent");
  auto listed = must(agent.get("/api/support/escalation?level=999"), 200).items("/data");
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].text("/cause") == "emergency");
}

TEST_CASE("wedding day: inside 8 h the first response is due within 15 minutes, whatever the tier") {
  desk d;
  auto customer = d.customer();
  auto soon = usher::domain::format_rfc3339(usher::domain::system_clock_port().now() + 3h);
  auto made = create(customer, "How do I sort my guests?", R"(,"priority":"low","wedding":{"at":")" + soon + "\"}");
  CHECK(made.text("/urgency") == "emergency");
  CHECK(made.text("/priority") == "high");
  CHECK(made.number("/sla/0/target_seconds") == 900);
  auto agent = d.as("agent");
  auto moved = must(agent.patch(path_of(made.text("/id")), R"({"wedding":{"at":"2040-06-13T15:00:00Z"}})"), 200);
  CHECK(moved.text("/urgency") == "none");
  CHECK(moved.text("/priority") == "low");
  CHECK(moved.number("/sla/0/target_seconds") == 72 * 3600);
}
