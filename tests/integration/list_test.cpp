// Lists of tickets, and organizations (contract, section 3).
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

TEST_CASE("list: lists are walked by cursor and filtered") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  std::vector<std::string> ids;
  for (int i = 0; i < 23; ++i) {
    std::string priority = i % 3 == 0 ? "high" : "low";
    ids.push_back(create(customer, "T" + std::to_string(i), ",\"priority\":\"" + priority + "\"").text("/id"));
  }
  must(agent.patch(path_of(ids[4]), R"({"status":"pending"})"), 200);
  must(agent.patch(path_of(ids[5]), R"({"status":"resolved"})"), 200);
  must(agent.put(path_of(ids[6]), R"({"assignee_id":"the-agent"})"), 200);

  for (int limit : {1, 7, 23, 100}) {
    std::vector<std::string> walked;
    for (const auto& t : walk(customer, std::string(tickets_path), limit)) walked.push_back(t.text("/id"));
    std::vector<std::string> newest_first(ids.rbegin(), ids.rend());
    CHECK(walked == newest_first);
  }
  auto page = customer.get(std::string(tickets_path) + "?limit=5");
  CHECK(must(page, 200).truth("/has_more"));
  CHECK(page.header("link").value_or("").find("rel=\"next\"") != std::string::npos);
  auto count = [&](person& by, const std::string& query) {
    return walk(by, std::string(tickets_path) + query, 10).size();
  };
  CHECK(count(agent, "?status=pending") == 1);
  CHECK(count(agent, "?status=pending,resolved") == 2);
  CHECK(count(agent, "?status=open") == 21);
  CHECK(count(agent, "?priority=high") == 8);
  CHECK(count(agent, "?priority=high&status=pending") == 0);
  CHECK(count(agent, "?assignee_id=me") == 1);
  CHECK(count(agent, "?assignee_id=none") == 22);
  CHECK(count(agent, "?assignee_id=the-agent,none") == 23);
  auto other = d.customer(org_b);
  CHECK(count(other, "") == 0);
}

TEST_CASE("list: organizations") {
  desk d;
  auto admin = d.as("admin");
  auto agent = d.as("agent");
  std::string path = "/api/support/organizations/" + org_a;
  CHECK(problem(agent.get(path)) == 404);
  auto made = admin.put(path, R"({"name":"Barn & Co","tier":"ENTERPRISE","time_zone":"Europe/Paris"})");
  json o = must(made, 201);
  CHECK(o.text("/id") == org_a);
  CHECK(o.text("/name") == "Barn & Co");
  CHECK(o.text("/tier") == "ENTERPRISE");
  CHECK(o.text("/time_zone") == "Europe/Paris");
  CHECK(problem(agent.put(path, R"({"name":"x","tier":"FREE"})")) == 403);
  auto customer = d.customer();
  CHECK(problem(customer.get(path)) == 403);

  json before = create(customer, "At ENTERPRISE", R"(,"priority":"critical")");
  CHECK(before.text("/tier") == "ENTERPRISE");
  CHECK(before.number("/sla/0/target_seconds") == 1800);
  CHECK(
      must(admin.put(path, R"({"name":"Barn & Co","tier":"STARTER","time_zone":"Europe/Paris"})"), 200).text("/tier") ==
      "STARTER");
  CHECK(create(customer, "At STARTER").text("/tier") == "STARTER");
  CHECK(must(agent.get(path_of(before.text("/id"))), 200).text("/tier") == "ENTERPRISE");

  auto invalid = admin.put(path, R"({"name":"x","tier":"GOLD","time_zone":"Mars/Crater"})");
  CHECK(problem(invalid) == 422);
  CHECK(json(invalid.body).items("/errors").size() == 2);
  auto newcomer = d.customer(org_b);
  CHECK(create(newcomer, "A new organization").text("/tier") == "FREE");
  CHECK(walk(agent, "/api/support/organizations").size() == 2);
  CHECK(must(agent.get("/api/support/organizations/" + org_b), 200).text("/tier") == "FREE");

  json ours = must(agent.post(tickets_path, R"({"subject":"s","body":"b","organization_id":")" + org_a + "\"}"), 201);
  CHECK(ours.text("/organization_id") == org_a);
  CHECK(problem(agent.post(tickets_path, R"({"subject":"s","body":"b","organization_id":")"
                                         "0197a000-0000-7000-8000-0000000000ff\"}")) == 422);

  REQUIRE(d.server.stop() == 0);
  d.server.start();
  CHECK(must(agent.get(path), 200).text("/tier") == "STARTER");
  CHECK(create(customer, "After a restart").text("/tier") == "STARTER");
}
