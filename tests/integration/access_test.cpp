// Who may do what to whose tickets, and what is refused as invalid (contract, sections 2 and 3).
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

TEST_CASE("access: roles, and other organizations' tickets") {
  desk d;
  auto ours = d.customer(org_a);
  auto theirs = d.customer(org_b);
  auto agent = d.as("agent");
  auto id = create(ours, "Ours").text("/id");
  CHECK(create(theirs, "Theirs").text("/organization_id") == org_b);

  CHECK(problem(theirs.get(path_of(id))) == 404);
  CHECK(problem(theirs.patch(path_of(id), R"({"subject":"Mine now"})")) == 404);
  CHECK(problem(theirs.post(path_of(id, "/messages"), R"({"body":"Hello"})")) == 404);
  CHECK(problem(theirs.get(path_of(id, "/messages"))) == 404);
  auto foreign_boss = d.as("admin", "boss", org_b);
  CHECK(problem(foreign_boss.get(path_of(id))) == 404);
  CHECK(problem(foreign_boss.remove(path_of(id))) == 404);
  CHECK(must(theirs.get(tickets_path), 200).items("/data").size() == 1);
  CHECK(must(foreign_boss.get(tickets_path), 200).items("/data").size() == 1);
  CHECK(must(agent.get(tickets_path), 200).items("/data").size() == 2);
  CHECK(must(ours.get(path_of(id)), 200).number("/version") == 1);

  // Another's id and no id at all are told apart by nothing but the path.
  auto hidden = theirs.get(path_of(id), {{"X-Request-Id", "same"}});
  std::string nobody = "0197a000-0000-7000-8000-0000000000ff";
  auto absent = theirs.get(path_of(nobody), {{"X-Request-Id", "same"}});
  auto without = [](std::string body, const std::string& word) {
    for (auto at = body.find(word); at != std::string::npos; at = body.find(word)) body.erase(at, word.size());
    return body;
  };
  CHECK(without(hidden.body, id) == without(absent.body, nobody));

  CHECK(problem(ours.patch(path_of(id), R"({"priority":"critical"})")) == 403);
  CHECK(problem(ours.patch(path_of(id), R"({"status":"resolved"})")) == 403);
  CHECK(problem(ours.post(path_of(id, "/messages"), R"({"body":"psst","visibility":"internal"})")) == 403);
  CHECK(problem(ours.put(path_of(id, "/assign"), R"({"agent_id":"me"})")) == 403);
  CHECK(problem(ours.remove(path_of(id))) == 403);
  for (const char* role : {"agent", "supervisor", "executive"}) CHECK(problem(d.as(role).remove(path_of(id))) == 403);
  CHECK(problem(agent.put(path_of(id, "/assign"), R"({"agent_id":"another"})")) == 403);
  json t = must(agent.put(path_of(id, "/assign"), R"({"agent_id":"the-agent"})"), 200);
  CHECK(t.text("/assignee_id") == "the-agent");
  t = must(d.as("supervisor").put(path_of(id, "/assign"), R"({"agent_id":"another"})"), 200);
  CHECK(t.text("/assignee_id") == "another");
  t = must(d.as("supervisor").put(path_of(id, "/assign"), R"({"agent_id":null})"), 200);
  CHECK(t.is_null("/assignee_id"));

  http_client anonymous(d.server.where());
  auto refused = anonymous.send("GET", tickets_path, {}, "");
  REQUIRE(refused);
  CHECK(problem(*refused) == 401);
  CHECK(refused->header("www-authenticate"));
  person liar(d.server.where(), d.token("agent", "x", "") + "x");
  CHECK(problem(liar.get(tickets_path)) == 401);
}

TEST_CASE("access: what is invalid is named by its place") {
  desk d;
  auto customer = d.customer();
  auto pointers = [](const http_response& answer) {
    CAPTURE(answer.body);
    REQUIRE(answer.status == 422);
    std::vector<std::string> all;
    for (const auto& e : json(answer.body).items("/errors")) all.push_back(e.text("/pointer"));
    return all;
  };
  using list = std::vector<std::string>;
  auto post = [&](const std::string& body) { return customer.post(tickets_path, body); };
  CHECK(pointers(post(R"({"body":"b"})")) == list{"/subject"});
  CHECK(pointers(post(R"({"subject":"","body":"b"})")) == list{"/subject"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","colour":"red"})")) == list{"/colour"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","priority":"urgent"})")) == list{"/priority"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","category":"catering"})")) == list{"/category"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","wedding":{"venue":"v"}})")) == list{"/wedding/at"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","wedding":{"at":"2031-06-14T15:00"}})")) == list{"/wedding/at"});
  CHECK(pointers(
            post(R"({"subject":"s","body":"b","wedding":{"at":"2026-03-08T02:30","time_zone":"America/New_York"}})")) ==
        list{"/wedding/at"});
  CHECK(pointers(post(R"({"subject":"s","body":"b","wedding":{"at":"2031-06-14T15:00Z","x":1}})")).size() >= 1);
  CHECK(pointers(post("{\"subject\":\"" + std::string(201, 's') + "\",\"body\":\"b\"}")) == list{"/subject"});
  CHECK(pointers(post(R"({"subject":1,"body":"b"})")) == list{"/subject"});
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "é";
  must(post("{\"subject\":\"" + wide + "\",\"body\":\"b\"}"), 201);

  CHECK(problem(post(R"({"subject":"s",)")) == 400);
  CHECK(problem(post(R"({"subject":"s","subject":"t","body":"b"})")) == 400);
  CHECK(problem(customer.get(std::string(tickets_path) + "?colour=red")) == 400);
  CHECK(problem(customer.get(std::string(tickets_path) + "?limit=0")) == 400);
  CHECK(problem(customer.get(std::string(tickets_path) + "?limit=101")) == 400);
  CHECK(problem(customer.get(std::string(tickets_path) + "?cursor=nonsense")) == 400);
  CHECK(problem(customer.get(path_of("not-an-id"))) == 404);
  CHECK(problem(customer.get("/api/support/nothing")) == 404);
  auto refused = customer.remove(tickets_path);
  CHECK(problem(refused) == 405);
  CHECK(refused.header("allow").value_or("").find("POST") != std::string::npos);
  CHECK(problem(d.as("agent").post(tickets_path, R"({"subject":"s","body":"b"})")) == 422);
}
