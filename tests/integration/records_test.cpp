// What a ticket has behind it, and what is done to several at once: history, sla, merge, bulk, search.
#include <array>
#include <thread>

#include "tests/integration/http_checks.hpp"

using namespace usher::test;

namespace {

std::vector<json> data(person& by, const std::string& target) { return must(by.get(target), 200).items("/data"); }

}  // namespace

TEST_CASE("records: history is the audit trail, oldest first, one a change, for agents") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "Where is the cake?").text("/id");
  must(agent.patch(path_of(id), R"({"priority":"high","tags":["cake"]})"), 200);
  must(agent.post(path_of(id, "/messages"), R"({"body":"On its way.","visibility":"public"})"), 201);
  must(agent.patch(path_of(id), R"({"status":"resolved"})"), 200);

  auto all = data(agent, path_of(id, "/history"));
  REQUIRE(all.size() == 4);
  std::vector<std::string> actions;
  for (std::size_t i = 0; i < all.size(); ++i) {
    actions.push_back(all[i].text("/action"));
    CHECK(all[i].number("/version") == static_cast<std::int64_t>(i) + 1);
  }
  CHECK(actions ==
        std::vector<std::string>{"ticket.created", "ticket.updated", "message.added", "ticket.status_changed"});
  CHECK(all[0].text("/actor/sub") == "the-requester");
  CHECK(all[0].text("/actor/role") == "requester");
  CHECK(all[1].text("/details/priority/to") == "high");
  CHECK(all[3].text("/details/status/from") == "open");

  auto first = must(agent.get(path_of(id, "/history?limit=3")), 200);
  CHECK(first.truth("/has_more"));
  auto second = must(agent.get(path_of(id, "/history?limit=3&cursor=" + first.text("/next_cursor"))), 200);
  CHECK(second.items("/data").size() == 1);
  CHECK_FALSE(second.truth("/has_more"));

  CHECK(problem(customer.get(path_of(id, "/history"))) == 403);
  CHECK(problem(d.as("agent", "", org_b).get(path_of(id, "/history"))) == 404);
  CHECK(problem(agent.get(path_of(id, "/history?limit=0"))) == 400);
}

TEST_CASE("records: sla tells every interval, and why, in data and in words") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "Where is the cake?").text("/id");
  must(agent.patch(path_of(id), R"({"status":"pending"})"), 200);
  must(customer.post(path_of(id, "/messages"), R"({"body":"Still nothing."})"), 201);
  auto sla = must(customer.get(path_of(id, "/sla")), 200);
  auto clocks = sla.items("/clocks");
  REQUIRE(clocks.size() == 2);
  for (const auto& clock : clocks) {
    CHECK(clock.text("/state") == "running");
    CHECK_FALSE(clock.text("/explanation").empty());
    double counted = 0;
    for (const auto& i : clock.items("/intervals"))
      if (i.truth("/counted")) CHECK(i.text("/reason") == "running");
    CHECK(clock.real("/elapsed_seconds") >= counted);
  }
  CHECK(clocks[0].text("/clock") == "first_response");
  CHECK(clocks[0].items("/intervals").size() == 1);
  CHECK(clocks[1].items("/intervals").size() >= 1);
  CHECK(problem(d.customer(org_b).get(path_of(id, "/sla"))) == 404);
}

TEST_CASE("records: a merge ends one ticket in favour of another") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto first = create(customer, "No cake");
  auto second = create(customer, "Still no cake");
  auto a = first.text("/id");
  auto b = second.text("/id");
  auto into = [](const std::string& id) { return "{\"into\":\"" + id + "\"}"; };

  CHECK(problem(customer.post(path_of(a, "/merge"), into(b))) == 403);
  CHECK(problem(agent.post(path_of(a, "/merge"), into(a))) == 409);
  CHECK(problem(agent.post(path_of(a, "/merge"), "{}")) == 422);
  CHECK(problem(agent.post(path_of(a, "/merge"), into("0197a000-0000-7000-8000-0000000000ff"))) == 422);
  CHECK(problem(agent.post(path_of(a, "/merge"), into(b), if_match(7))) == 412);
  auto foreign_customer = d.customer(org_b);
  auto foreign = create(foreign_customer, "Another desk's cake").text("/id");
  CHECK(problem(agent.post(path_of(a, "/merge"), into(foreign))) == 422);
  CHECK(problem(d.as("agent", "", org_b).post(path_of(a, "/merge"), into(foreign))) == 404);

  auto done = agent.post(path_of(a, "/merge"), into(b), key("merge-1"));
  auto merged = must(done, 200);
  CHECK(merged.text("/id") == a);
  CHECK(merged.text("/status") == "closed");
  CHECK(merged.text("/merged_into") == b);
  CHECK(clock_state(merged, "first_response") == "cancelled");
  CHECK(clock_state(merged, "resolution") == "cancelled");
  auto again = agent.post(path_of(a, "/merge"), into(b), key("merge-1"));
  CHECK(again.body == done.body);
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(problem(agent.post(path_of(a, "/merge"), into(b))) == 409);
  CHECK(problem(agent.patch(path_of(a), R"({"status":"open"})")) == 409);

  auto survivor = must(customer.get(path_of(b)), 200);
  CHECK(survivor.text("/sla/0/started_at") == first.text("/sla/0/started_at"));
  CHECK(survivor.number("/version") == 2);
  CHECK(data(agent, path_of(b, "/messages")).size() == 1);
  CHECK(data(customer, path_of(b, "/messages")).empty());
  auto sla = must(agent.get(path_of(a, "/sla")), 200);
  CHECK(sla.text("/clocks/0/cancel_reason") == "merged into #" + std::to_string(second.number("/number")));
  CHECK(d.database()->count(
            "SELECT count(*) FROM usher.audit_log WHERE action IN ('ticket.merged', 'ticket.merge_received')") == 2);
}

TEST_CASE("records: two merges of the same tickets at once leave one survivor") {
  desk d;
  auto customer = d.customer();
  for (int round = 0; round < 5; ++round) {
    auto a = create(customer, "a").text("/id");
    auto b = create(customer, "b").text("/id");
    int merged = 0;
    std::vector<std::thread> people;
    // Looked at when both are there: assertions are for one thread.
    std::array<http_response, 2> answers;
    for (std::size_t i : {0U, 1U}) {
      people.emplace_back([&, i] {
        auto agent = d.as("agent");
        answers[i] = agent.post(path_of(i == 0 ? a : b, "/merge"), "{\"into\":\"" + (i == 0 ? b : a) + "\"}");
      });
    }
    for (auto& p : people) p.join();
    int good = 0;
    for (const auto& answer : answers) {
      if (answer.status == 200)
        ++good;
      else
        CHECK(problem(answer) == 409);
    }
    for (const auto& id : {a, b}) merged += must(customer.get(path_of(id)), 200).text("/status") == "closed" ? 1 : 0;
    CHECK(merged == good);
    CHECK(merged <= 1);
  }
}

TEST_CASE("records: bulk changes many tickets, with a result for each") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto a = create(customer, "a").text("/id");
  auto b = create(customer, "b").text("/id");
  const std::string unknown = "0197a000-0000-7000-8000-0000000000ff";
  auto bulk = std::string(tickets_path) + "/bulk";
  auto body =
      "{\"ids\":[\"" + a + "\",\"" + unknown + "\",\"" + b + R"("],"set":{"priority":"critical","tags":["x"]}})";
  auto first = agent.post(bulk, body, key("b-1"));
  auto results = must(first, 200).items("/results");
  REQUIRE(results.size() == 3);
  CHECK(results[0].text("/id") == a);
  CHECK(results[0].number("/status") == 200);
  CHECK_FALSE(results[0].has("/problem"));
  CHECK(results[1].number("/status") == 404);
  CHECK(results[1].text("/problem/code") == "not_found");
  CHECK(results[2].number("/status") == 200);
  CHECK(must(customer.get(path_of(b)), 200).text("/priority") == "critical");
  auto again = agent.post(bulk, body, key("b-1"));
  CHECK(again.body == first.body);
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(problem(agent.post(bulk, R"({"ids":[],"set":{}})", key("b-1"))) == 422);
  CHECK(problem(customer.post(bulk, body)) == 403);

  auto bad = agent.post(bulk, R"({"ids":["x"],"set":{"priority":"huge","wedding":{"at":"x"}},"more":1})");
  CHECK(problem(bad) == 422);
  for (const char* pointer : {"/ids/0", "/set/priority", "/set/wedding/at", "/more"})
    CHECK(bad.body.find("\"pointer\":\"" + std::string(pointer) + "\"") != std::string::npos);
}

TEST_CASE("records: a search right after a write finds it") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "El fotógrafo no ha llegado").text("/id");
  std::ignore = create(customer, "Something else");
  auto found = data(customer, std::string(tickets_path) + "?q=fotografo");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text("/id") == id);
  must(agent.post(path_of(id, "/messages"), R"({"body":"He is stuck in Guadalajara.","visibility":"public"})"), 201);
  must(agent.post(path_of(id, "/messages"), R"({"body":"Suspicious.","visibility":"internal"})"), 201);
  CHECK(data(customer, std::string(tickets_path) + "?q=guadalajara&status=open&sort=-created_at").size() == 1);
  CHECK(data(agent, std::string(tickets_path) + "?q=suspicious").empty());
  auto other = d.customer(org_b);
  CHECK(data(other, std::string(tickets_path) + "?q=fotografo").empty());
  CHECK(problem(customer.get(std::string(tickets_path) + "?q=" + std::string(201, 'x'))) == 400);
}
