// Deadlines: those that pass while the desk is up, and those that pass while it is down.
#include <catch2/catch_test_macros.hpp>

#include "domain/time.hpp"
#include "tests/support/desk.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
using namespace std::chrono;

namespace {

usher::domain::instant at(const json& ticket, const std::string& pointer) {
  auto read = usher::domain::parse_rfc3339(ticket.text(pointer));
  REQUIRE(read);
  return *read;
}

/// Targets of one second to answer and two to resolve, for everybody, from the next start on.
void shorten_targets(desk& d) {
  d.database()->run(
      "update usher.support_sla_configs set first_response_ms = 1000, next_response_ms = 1000, resolution_ms = 2000");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
}

bool is_past(usher::domain::instant when) { return usher::domain::system_clock_port().now() > when; }

constexpr std::string_view breaches_sql =
    "select clock, (extract(epoch from at) * 1000)::bigint, (extract(epoch from detected_at) * 1000)::bigint "
    "from usher.support_sla_events where ticket_id = $1 and type = 'breach' order by seq";

/// Both clocks of a ticket are breached exactly at their deadlines; gives the latest that one was noticed after it.
milliseconds check_breaches(desk& d, const std::string& id, const json& created) {
  auto staff = d.as("agent");
  json now(staff.get(path_of(id)).body);
  milliseconds latest{0};
  auto rows = d.database()->rows(std::string(breaches_sql), {id});
  REQUIRE(rows.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    std::string clock = "/sla/" + std::to_string(i);
    CHECK(now.text(clock + "/state") == "breached");
    CHECK(now.text(clock + "/breached_at") == created.text(clock + "/due_at"));
    CHECK(now.text(clock + "/due_at") == created.text(clock + "/due_at"));
    CHECK(*rows[i][0] == now.text(clock + "/clock"));
    CHECK(std::stoll(*rows[i][1]) == at(created, clock + "/due_at").time_since_epoch().count());
    milliseconds late{std::stoll(*rows[i][2]) - std::stoll(*rows[i][1])};
    CHECK(late > 0ms);
    latest = std::max(latest, late);
  }
  return latest;
}

}  // namespace

TEST_CASE("recovery: a deadline that passes while the desk is up is recorded by its timer") {
  desk d;
  shorten_targets(d);
  auto customer = d.customer();
  json created = create(customer, "Tick");
  auto id = created.text("/id");
  CHECK(created.number("/sla/0/target_seconds") == 1);
  CHECK(at(created, "/sla/0/due_at") == at(created, "/created_at") + 1s);
  auto recorded = [&] { return d.database()->rows(std::string(breaches_sql), {id}).size() == 2; };
  REQUIRE(wait_until(recorded, 10s, 50ms));
  CHECK(check_breaches(d, id, created) < 1s);
  auto staff = d.as("agent");
  CHECK(json(staff.get(path_of(id)).body).number("/version") >= 3);  // two breaches, and the ladder on the way
}

TEST_CASE("recovery: deadlines that pass while the desk is down are recorded at its start, as of their instant") {
  desk d;
  shorten_targets(d);
  auto customer = d.customer();
  constexpr int tickets = 40;
  std::vector<json> created;
  for (int i = 0; i < tickets; ++i) created.push_back(create(customer, "Down " + std::to_string(i)));
  auto paused = create(customer, "Paused").text("/id");
  auto agent = d.as("agent");
  REQUIRE(agent.post(path_of(paused, "/messages"), R"({"body":"hello","visibility":"public"})").status == 201);
  REQUIRE(agent.patch(path_of(paused), R"({"status":"pending"})").status == 200);
  d.server.kill_server();
  d.server.kill_database();
  auto last = at(created.back(), "/sla/1/due_at");
  REQUIRE(wait_until([&] { return is_past(last + 500ms); }, 20s));

  d.server.start();
  http_client anybody(d.server.where());
  auto ready = anybody.send("GET", "/readyz", {}, "");
  REQUIRE(ready);
  json health(ready->body);
  CHECK(health.number("/loaded") == tickets + 1);
  CHECK(health.number("/expected") == tickets + 1);
  // Ready means recorded: there is nothing to wait for.
  for (const auto& each : created) {
    CAPTURE(each.text("/subject"));
    check_breaches(d, each.text("/id"), each);
  }
  json still(agent.get(path_of(paused)).body);
  CHECK(still.text("/sla/0/state") == "met");
  CHECK(still.text("/sla/1/state") == "paused");
  CHECK(d.database()->rows(std::string(breaches_sql), {paused}).empty());

  // Once is enough.
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  for (const auto& each : created) check_breaches(d, each.text("/id"), each);
}

TEST_CASE("recovery: a timer armed by the start goes off") {
  desk d;
  shorten_targets(d);
  d.database()->run("update usher.support_sla_configs set first_response_ms = 6000, resolution_ms = 6000");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  auto customer = d.customer();
  json created = create(customer, "Over a restart");
  d.server.kill_server();
  d.server.start();
  REQUIRE_FALSE(is_past(at(created, "/sla/0/due_at")));
  auto id = created.text("/id");
  REQUIRE(wait_until([&] { return d.database()->rows(std::string(breaches_sql), {id}).size() == 2; }, 20s, 50ms));
  CHECK(check_breaches(d, id, created) < 1s);
}
