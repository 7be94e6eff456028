// Versions and idempotency keys (contract, section 2).
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

TEST_CASE("repeat: versions are tags, and stale ones are refused") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "Versions").text("/id");
  auto got = agent.get(path_of(id));
  CHECK(got.header("etag") == "\"1\"");
  auto unchanged = agent.get(path_of(id), {{"If-None-Match", "\"1\""}});
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  auto changed = agent.patch(path_of(id), R"({"priority":"critical"})", if_match(1));
  CHECK(changed.status == 200);
  CHECK(changed.header("etag") == "\"2\"");
  CHECK(problem(agent.patch(path_of(id), R"({"priority":"low"})", if_match(1))) == 412);
  CHECK(problem(agent.post(path_of(id, "/messages"), R"({"body":"x"})", if_match(1))) == 412);
  CHECK(problem(agent.put(path_of(id, "/assign"), R"({"agent_id":"the-agent"})", if_match(1))) == 412);
  CHECK(problem(d.as("manager").remove(path_of(id), if_match(1))) == 412);
  CHECK(agent.get(path_of(id), {{"If-None-Match", "\"1\""}}).status == 200);
  // What changes nothing is no new version.
  CHECK(agent.patch(path_of(id), R"({"priority":"critical"})", if_match(2)).header("etag") == "\"2\"");
  CHECK(d.as("manager").remove(path_of(id), if_match(2)).status == 204);
}

TEST_CASE("repeat: a repeated key gets the first answer, also after a restart") {
  desk d;
  auto customer = d.customer();
  const std::string body = R"({"subject":"Once","body":"b"})";
  auto first = customer.post(tickets_path, body, key("k-1"));
  auto id = must(first, 201).text("/id");
  CHECK_FALSE(first.header("idempotent-replayed"));
  auto check_replay = [&](const http_response& again) {
    CHECK(again.status == 201);
    CHECK(again.header("idempotent-replayed") == "true");
    CHECK(json(again.body).dump() == json(first.body).dump());
    CHECK(again.header("location") == first.header("location"));
    CHECK(again.header("etag") == first.header("etag"));
  };
  check_replay(customer.post(tickets_path, body, key("k-1")));
  check_replay(customer.post(tickets_path, body, key("\"k-1\"")));
  auto other = customer.post(tickets_path, R"({"subject":"Twice","body":"b"})", key("k-1"));
  CHECK(problem(other) == 422);
  CHECK(json(other.body).text("/code") == "idempotency_key_reused");
  auto colleague = d.as("requester", "colleague", org_a);
  CHECK(must(colleague.post(tickets_path, body, key("k-1")), 201).text("/id") != id);

  auto reply = customer.post(path_of(id, "/messages"), R"({"body":"m"})", key("k-1"));
  auto message = must(reply, 201).text("/id");
  CHECK(must(customer.post(path_of(id, "/messages"), R"({"body":"m"})", key("k-1")), 201).text("/id") == message);
  CHECK(walk(customer, path_of(id, "/messages")).size() == 1);
  // Refusals are not kept.
  CHECK(customer.post(tickets_path, R"({"subject":""})", key("k-2")).status == 422);
  CHECK(customer.post(tickets_path, body, key("k-2")).status == 201);
  CHECK(problem(customer.post(tickets_path, body, key(std::string(256, 'k')))) == 400);

  REQUIRE(d.server.stop() == 0);
  d.server.start();
  check_replay(customer.post(tickets_path, body, key("k-1")));
  CHECK(must(customer.post(path_of(id, "/messages"), R"({"body":"m"})", key("k-1")), 201).text("/id") == message);
}

TEST_CASE("repeat: a key holds for any POST, a restore too") {
  desk d;
  auto customer = d.customer();
  auto manager = d.as("manager");
  auto id = create(customer, "Deleted").text("/id");
  CHECK(manager.remove(path_of(id)).status == 204);
  auto restored = must(manager.post(path_of(id, "/restore"), "", key("r-1")), 200);
  auto again = manager.post(path_of(id, "/restore"), "", key("r-1"));
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(must(again, 200).number("/version") == restored.number("/version"));
}
