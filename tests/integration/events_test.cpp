// Following what happens, over HTTP and over crashes.
#include <map>
#include <set>
#include <thread>

#include "tests/integration/http_checks.hpp"
#include "tests/support/event_reader.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

std::string ticket_of(const sse_event& e) { return json(e.data).text("/data/ticket/id"); }

/// Creations that a follower heard of, by ticket, with how often.
std::map<std::string, int> creations(const std::vector<sse_event>& all) {
  std::map<std::string, int> out;
  for (const auto& e : all)
    if (e.type == "ticket.created") ++out[ticket_of(e)];
  return out;
}

}  // namespace

TEST_CASE("events: tickets, clocks, the ladder and alerts are told as they happen") {
  desk d;
  d.database()->run(
      "update usher.support_sla_configs set first_response_ms = 2000, next_response_ms = 2000; "
      "insert into usher.support_agents (id, name, role, presence) values ('sue', 'Sue', 'supervisor', 'online')");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  event_reader all(d.server.where(), d.token("agent", "sam", ""));
  event_reader breaches(d.server.where(), d.token("agent", "sam", ""), "?types=clock.breached");
  event_reader narrow(d.server.where(), d.token("agent", "nora", org_b));
  auto customer = d.customer();
  auto made = create(customer, "Tick");
  auto id = made.text("/id");
  std::set<std::string> types;
  std::string before;
  while (!types.contains("clock.breached") || !types.contains("escalation.fired") || !types.contains("alert.raised")) {
    auto e = all.next();
    REQUIRE(e);
    json whole(e->data);
    CHECK(whole.text("/type") == e->type);
    CHECK_FALSE(whole.text("/id").empty());
    if (e->type != "alert.raised") CHECK(ticket_of(*e) == id);
    CHECK(e->id != before);
    before = e->id;
    types.insert(e->type);
  }
  CHECK(types.contains("ticket.created"));
  auto breach = breaches.next();
  REQUIRE(breach);
  CHECK(json(breach->data).text("/data/clock/breached_at") == made.text("/sla/0/due_at"));
  auto other = d.customer(org_b);
  auto theirs = create(other, "Tock").text("/id");
  auto heard = narrow.next();
  REQUIRE(heard);
  CHECK(heard->type == "ticket.created");
  CHECK(ticket_of(*heard) == theirs);

  // A drain ends the streams, and the server with them.
  REQUIRE(d.server.stop() == 0);
  while (all.next(1s)) {
  }
  CHECK(all.ended());
}

TEST_CASE("events: a follower who comes back after kill -9 has missed nothing that was acknowledged") {
  desk d;
  auto token = d.token("agent", "sam", "");
  auto reader = std::make_unique<event_reader>(d.server.where(), token);
  std::set<std::string> acknowledged;
  std::vector<sse_event> heard;
  std::set<std::string> ids;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> writers;
    std::mutex mutex;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&, w] {
        auto customer = d.customer(w % 2 == 0 ? org_a : org_b);
        for (int i = 0; i < 15; ++i) {
          auto id = create(customer, "Round " + std::to_string(round)).text("/id");
          std::scoped_lock guard(mutex);
          acknowledged.insert(id);
        }
      });
    }
    for (auto& each : reader->take(20)) heard.push_back(std::move(each));
    for (auto& each : writers) each.join();
    auto place = reader->last_id();
    reader.reset();
    d.server.kill_server();
    d.server.start();
    auto customer = d.customer();
    acknowledged.insert(create(customer, "After the start").text("/id"));
    reader = std::make_unique<event_reader>(d.server.where(), token, "", place);
    auto missing = [&] {
      auto told = creations(heard);
      return std::ranges::any_of(acknowledged, [&](const auto& id) { return !told.contains(id); });
    };
    while (missing()) {
      auto e = reader->next();
      REQUIRE(e);
      heard.push_back(std::move(*e));
    }
  }
  // What came twice had the same id.
  std::map<std::string, std::set<std::string>> names;
  for (const auto& e : heard)
    if (e.type == "ticket.created") names[ticket_of(e)].insert(json(e.data).text("/id"));
  for (const auto& id : acknowledged) CHECK(names[id].size() == 1);
}

TEST_CASE("events: within the life of a process a stream goes on exactly where it was lost") {
  desk d;
  auto token = d.token("agent", "sam", "");
  auto customer = d.customer();
  auto reader = std::make_unique<event_reader>(d.server.where(), token, "?types=ticket.created");
  for (int i = 0; i < 10; ++i) (void)create(customer, "One " + std::to_string(i));
  auto heard = reader->take(6);
  REQUIRE(heard.size() == 6);
  auto place = reader->last_id();
  reader.reset();
  for (int i = 0; i < 5; ++i) (void)create(customer, "Two " + std::to_string(i));
  reader = std::make_unique<event_reader>(d.server.where(), token, "?types=ticket.created", place);
  for (auto& each : reader->take(9)) heard.push_back(std::move(each));
  auto told = creations(heard);
  CHECK(told.size() == 15);
  for (const auto& [id, times] : told) CHECK(times == 1);
}
