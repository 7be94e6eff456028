// Assignment through a whole desk: over HTTP, on PostgreSQL, across a kill.
#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

#include <future>
#include <map>

using namespace usher::test;

namespace {

constexpr std::string_view agents_path = "/api/support/agents";

void add_agent(desk& d, const std::string& id, const std::string& more) {
  auto supervisor = d.as("supervisor");
  must(supervisor.post(agents_path, R"({"id":")" + id + R"(","name":"One of us",)" + more + "}"), 201);
  must(supervisor.put(std::string(agents_path) + "/" + id + "/presence", R"({"status":"online"})"), 200);
}

std::int64_t load_of(person& by, const std::string& id) {
  return must(by.get(std::string(agents_path) + "/" + id), 200).number("/load");
}

std::string owner(person& by, const std::string& id) {
  auto t = must(by.get(path_of(id)), 200);
  return t.is_null("/assignee_id") ? "" : t.text("/assignee_id");
}

}  // namespace

TEST_CASE("assignment: on request the desk chooses by skill, and says why in the history") {
  desk d;
  auto supervisor = d.as("supervisor");
  auto customer = d.customer();
  auto id = create(customer, "Where is my payout?", R"(,"category":"payout_verification")").text("/id");
  CHECK(owner(customer, id).empty());
  CHECK(problem(supervisor.put(path_of(id, "/assign"), R"({"auto":true})")) == 409);
  add_agent(d, "other", R"("skills":[{"skill":"sms","level":5}])");
  add_agent(d, "able", R"("skills":[{"skill":"payouts","level":4}])");
  // Whoever suits takes what waits by itself.
  REQUIRE(wait_until([&] { return owner(customer, id) == "able"; }, 20s));
  auto suggested = must(supervisor.post("/api/support/ai/categorize", R"({"ticket_id":")" + id + "\"}"), 200);
  CHECK(suggested.text("/suggested_agents/0/id") == "able");
  CHECK(suggested.text("/suggested_agents/1/id") == "other");
  CHECK(suggested.text("/suggested_agents/0/reasons/0") == "skills: payouts 4 of 5, risk not among the skills");

  auto now = must(supervisor.put(path_of(id, "/assign"), R"({"auto":true})"), 200);
  CHECK(now.text("/assignee_id") == "able");
  auto trail = must(supervisor.get(path_of(id, "/history")), 200).items("/data");
  auto given = trail.back();
  CHECK(given.text("/actor/role") == "system");
  CHECK(given.text("/action") == "ticket.assigned");
  CHECK(given.text("/details/assignee_id/to") == "able");
  CHECK(given.text("/details/assignment/cause") == "waiting");
  CHECK(given.number("/details/assignment/score") > 0);
  CHECK(load_of(supervisor, "able") == 1);

  auto fresh = create(customer, "Another payout", R"(,"category":"payout_verification")");
  CHECK(fresh.text("/assignee_id") == "able");
  CHECK(fresh.number("/version") == 1);
}

TEST_CASE("assignment: tickets that arrive at once exceed nobody's capacity, also across a kill") {
  desk d;
  auto supervisor = d.as("supervisor");
  const std::vector<std::string> people{"a", "b", "c"};
  for (const auto& id : people) add_agent(d, id, R"("capacity":4,"skills":[{"skill":"general","level":3}])");
  std::vector<std::future<std::vector<std::string>>> senders;
  for (int lane = 0; lane < 4; ++lane) {
    senders.push_back(std::async(std::launch::async, [&d, lane] {
      auto customer = d.as("requester", "customer-" + std::to_string(lane), org_a);
      std::vector<std::string> ids;
      for (int i = 0; i < 10; ++i)
        ids.push_back(create(customer, "How?", R"(,"category":"general_question","priority":"low")").text("/id"));
      return ids;
    }));
  }
  std::vector<std::string> ids;
  for (auto& each : senders)
    for (auto& id : each.get()) ids.push_back(std::move(id));
  auto by_owner = [&] {
    auto asks = d.as("supervisor");
    std::map<std::string, int> out;
    for (const auto& id : ids) ++out[owner(asks, id)];
    return out;
  };
  const std::map<std::string, int> full{{"", 28}, {"a", 4}, {"b", 4}, {"c", 4}};
  CHECK(by_owner() == full);
  for (const auto& id : people) CHECK(load_of(supervisor, id) == 4);

  d.server.kill_server();
  d.server.start();
  CHECK(by_owner() == full);
  auto again = d.as("supervisor");
  for (const auto& id : people) CHECK(load_of(again, id) == 4);
  for (const auto& id : ids) {
    if (owner(again, id) != "a") continue;
    must(again.patch(path_of(id), R"({"status":"resolved"})"), 200);
    break;
  }
  CHECK(wait_until([&] { return by_owner()[""] == 27; }, 20s, 100ms));
  CHECK(load_of(again, "a") == 4);
}

TEST_CASE("assignment: whoever goes offline loses what is unanswered to the next one") {
  desk d;
  auto supervisor = d.as("supervisor");
  auto customer = d.customer();
  add_agent(d, "first", R"("skills":[{"skill":"general","level":5}])");
  auto id = create(customer, "How?", R"(,"category":"general_question")").text("/id");
  REQUIRE(owner(customer, id) == "first");
  add_agent(d, "second", R"("skills":[])");
  auto gone = d.as("agent", "first");
  must(gone.put(std::string(agents_path) + "/first/presence", R"({"status":"offline"})"), 200);
  CHECK(wait_until([&] { return owner(customer, id) == "second"; }, 20s));
  auto trail = must(supervisor.get(path_of(id, "/history")), 200).items("/data");
  CHECK(trail.back().text("/details/assignment/cause") == "offline");
  CHECK(trail.back().text("/details/assignee_id/from") == "first");
  CHECK(load_of(supervisor, "first") == 0);
}

TEST_CASE("assignment: a desk that is told so gives nothing out by itself") {
  desk d(std::vector<std::string>{"--auto-assign", "false"});
  add_agent(d, "able", R"("skills":[{"skill":"general","level":5}])");
  auto customer = d.customer();
  auto supervisor = d.as("supervisor");
  auto id = create(customer, "How?", R"(,"category":"general_question")").text("/id");
  CHECK(owner(customer, id).empty());
  CHECK(must(supervisor.put(path_of(id, "/assign"), R"({"auto":true})"), 200).text("/assignee_id") == "able");
}
