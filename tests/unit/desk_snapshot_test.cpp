// What a snapshot adds up.
#include <catch2/catch_test_macros.hpp>

#include "domain/desk_snapshot.hpp"
#include "domain/json_members.hpp"
#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

std::string member(const std::string& json, std::string_view name) {
  for (const auto& [key, value] : usher::domain::json_members(json))
    if (key == name) return std::string(value);
  return "absent";
}

}  // namespace

TEST_CASE("figures are taken by nearest rank") {
  CHECK(figures_of({}).count == 0);
  CHECK_FALSE(figures_of({}).median);
  std::vector<milliseconds> times;
  for (int i = 10; i >= 1; --i) times.push_back(milliseconds{i * 100});
  auto f = figures_of(times);
  CHECK(f.count == 10);
  CHECK(f.median == 500ms);
  CHECK(f.p90 == 900ms);
  CHECK(f.longest == 1000ms);
  CHECK(figures_of({7ms}).p90 == 7ms);
}

TEST_CASE("a snapshot counts what is open, at risk and breached, by tier and priority") {
  ticket_fixture f;
  f.create(tier::enterprise, priority::high);  // first response within an hour
  auto risky = f.ticket;
  f.create(tier::free, priority::low);
  auto calm = f.ticket;
  f.create(tier::free, priority::low);
  f.set_status(ticket_status::resolved);
  auto done = f.ticket;
  auto at = [&](milliseconds later) {
    snapshot_builder sums(morning + later);
    for (const auto& t : {risky, calm, done}) sums.add(*t);
    return sums.to_json({{clock_kind::first_response, 3s}, {clock_kind::resolution, 90s}});
  };
  auto early = at(44min);
  CHECK(member(early, "open") == "2");
  CHECK(member(early, "at_risk") == "0");
  CHECK(member(early, "unassigned") == "2");
  CHECK(member(at(45min), "at_risk") == "1");
  CHECK(member(at(60min), "breached") == "0");  // at the deadline it is still met
  auto late = at(60min + 1ms);
  CHECK(member(late, "breached") == "1");
  CHECK(member(member(late, "by_tier"), "ENTERPRISE") == R"({"open":1,"at_risk":1,"breached":1})");
  CHECK(member(member(late, "by_priority"), "low") == R"({"open":1,"at_risk":0,"breached":0})");
  CHECK(member(late, "groups") == R"([{"tier":"ENTERPRISE","priority":"high","open":1,"at_risk":1,"breached":1},)"
                                  R"({"tier":"FREE","priority":"low","open":1,"at_risk":0,"breached":0}])");
  CHECK(member(member(late, "response"), "median_seconds") == "3");
  CHECK(member(member(late, "resolution"), "longest_seconds") == "90");
  CHECK(member(member(late, "queue_age"), "count") == "2");
  CHECK(member(member(late, "queue_age"), "longest_seconds") == "3600.001");
}

TEST_CASE("a snapshot with a name is one JSON object") {
  auto id = usher::domain::new_uuid_v7();
  auto whole = name_snapshot(id, morning, R"({"open":1})");
  CHECK(whole == "{\"id\":\"" + to_string(id) + "\",\"at\":\"2026-06-13T08:00:00.000Z\",\"open\":1}");
}

TEST_CASE("the levels of running clocks that are still to come are armed") {
  ticket_fixture f;
  f.create(tier::enterprise, priority::high);
  auto all = armed_levels(*f.ticket);
  REQUIRE(all.size() == 8);
  CHECK(all[0].level == 1);
  CHECK(all[0].scheduled_at == morning + 45min);
  CHECK(all[4].clock == clock_kind::resolution);
  f.now += 50min;
  f.must(check_clocks{}, role::system);
  CHECK(armed_levels(*f.ticket).size() < 8);
  f.staff_answers();
  for (const auto& e : armed_levels(*f.ticket)) CHECK(e.clock == clock_kind::resolution);
  f.set_status(ticket_status::on_hold);
  CHECK(armed_levels(*f.ticket).empty());
}
