// The life of a ticket over HTTP (contract, sections 2 and 3).
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

TEST_CASE("round: a new ticket has what was sent, and what follows from it") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto created = customer.post(
      tickets_path,
      R"({"subject":"Florist is late","body":"Where are the peonies?","priority":"high","category":"vendor_no_show",)"
      R"("tags":["vip"],"custom_fields":{"table":7},"wedding":{"at":"2031-06-14T15:00","time_zone":"America/New_York",)"
      R"("venue":"The Barn"},"requester":{"name":"Ana","email":"ana@example.com"},"channel":"web"})");
  json t = must(created, 201);
  auto id = t.text("/id");
  CHECK(created.header("location") == path_of(id));
  CHECK(created.header("etag") == "\"1\"");
  CHECK(created.header("content-type").value_or("").starts_with("application/json"));
  CHECK(t.text("/organization_id") == org_a);
  CHECK(t.text("/tier") == "FREE");
  CHECK(t.text("/status") == "open");
  CHECK(t.text("/priority") == "high");
  CHECK(t.text("/urgency") == "none");
  CHECK(t.text("/requester_id") == "the-requester");
  CHECK(t.is_null("/assignee_id"));
  CHECK(t.text("/wedding/at") == "2031-06-14T19:00:00.000Z");
  CHECK(t.text("/wedding/venue") == "The Barn");
  CHECK(t.number("/custom_fields/table") == 7);
  CHECK(t.text("/tags/0") == "vip");
  CHECK(t.text("/classification/category") == "vendor_no_show");
  CHECK(t.items("/sla").size() == 2);
  CHECK(t.number("/sla/0/target_seconds") == 24 * 3600);
  CHECK(t.number("/sla/1/target_seconds") == 96 * 3600);
  CHECK(t.text("/sla/0/started_at") == t.text("/created_at"));
  CHECK(t.number("/version") == 1);
  for (const char* nothing : {"/resolved_at", "/deleted_at"}) CHECK(t.is_null(nothing));

  CHECK(must(agent.get(path_of(std::to_string(t.number("/number")))), 200).text("/id") == id);
  auto listed = must(customer.get(tickets_path), 200);
  REQUIRE(listed.items("/data").size() == 1);
  CHECK(listed.text("/data/0/id") == id);
  CHECK_FALSE(listed.truth("/has_more"));
  CHECK(listed.is_null("/next_cursor"));
}

TEST_CASE("round: answers, questions, and the clocks that they move") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto id = create(customer, "Florist is late").text("/id");
  auto ticket = [&] { return must(agent.get(path_of(id)), 200); };

  json note = must(agent.post(path_of(id, "/messages"), R"({"body":"Asking the florist."})"), 201);
  CHECK(note.text("/visibility") == "internal");
  CHECK(note.text("/author/role") == "agent");
  CHECK(clock_state(ticket(), "first_response") == "running");
  json reply = must(agent.post(path_of(id, "/messages"), R"({"body":"On the way.","visibility":"public"})"), 201);
  CHECK(reply.text("/visibility") == "public");
  CHECK(clock_state(ticket(), "first_response") == "met");
  CHECK(ticket().text("/status") == "open");
  CHECK(ticket().number("/version") == 3);
  auto seen = walk(customer, path_of(id, "/messages"));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].text("/body") == "On the way.");
  CHECK(walk(agent, path_of(id, "/messages")).size() == 2);

  json t = must(agent.patch(path_of(id), R"({"status":"pending"})"), 200);
  CHECK(clock_state(t, "resolution") == "paused");
  must(customer.post(path_of(id, "/messages"), R"({"body":"Still nothing!"})"), 201);
  CHECK(ticket().text("/status") == "open");
  CHECK(clock_state(ticket(), "next_response") == "running");
  CHECK(clock_state(ticket(), "resolution") == "running");

  t = must(agent.put(path_of(id), R"({"status":"resolved"})"), 200);
  CHECK(clock_state(t, "next_response") == "met");
  CHECK(clock_state(t, "resolution") == "met");
  CHECK_FALSE(t.is_null("/resolved_at"));
  t = must(customer.patch(path_of(id), R"({"status":"open"})"), 200);
  CHECK(clock_state(t, "resolution", 2) == "running");
  CHECK(t.is_null("/resolved_at"));
  must(agent.patch(path_of(id), R"({"status":"resolved"})"), 200);
  must(customer.post(path_of(id, "/messages"), R"({"body":"It is the wrong bouquet."})"), 201);
  CHECK(ticket().text("/status") == "open");
  CHECK(clock_state(ticket(), "resolution", 3) == "running");
  CHECK(clock_state(ticket(), "next_response", 2) == "running");
}

TEST_CASE("round: closed, reopened, deleted, restored") {
  desk d;
  auto customer = d.customer();
  auto agent = d.as("agent");
  auto manager = d.as("manager");
  auto id = create(customer, "Florist is late").text("/id");
  must(customer.patch(path_of(id), R"({"status":"closed"})"), 200);
  CHECK(problem(customer.patch(path_of(id), R"({"status":"open"})")) >= 400);
  CHECK(problem(agent.post(path_of(id, "/messages"), R"({"body":"Too late."})")) == 409);
  CHECK(problem(agent.patch(path_of(id), R"({"priority":"critical"})")) == 409);
  CHECK(must(agent.get(path_of(id)), 200).text("/status") == "closed");
  CHECK(must(agent.get(std::string(tickets_path) + "?status=closed"), 200).items("/data").size() == 1);
  json t = must(agent.patch(path_of(id), R"({"status":"open"})"), 200);
  CHECK(clock_state(t, "resolution", 2) == "running");

  auto version = t.number("/version");
  CHECK(manager.remove(path_of(id)).status == 204);
  CHECK(problem(manager.remove(path_of(id))) == 404);
  CHECK(problem(agent.get(path_of(id))) == 404);
  CHECK(problem(agent.get(path_of(id, "/messages"))) == 404);
  CHECK(problem(agent.get(path_of(std::to_string(t.number("/number"))))) == 404);
  CHECK(problem(customer.get(path_of(id))) == 404);
  CHECK(must(agent.get(tickets_path), 200).items("/data").empty());
  t = must(manager.post(path_of(id, "/restore"), ""), 200);
  CHECK(t.is_null("/deleted_at"));
  CHECK(t.number("/version") == version + 2);
  CHECK(clock_state(t, "resolution", 2) == "running");
  CHECK(problem(manager.post(path_of(id, "/restore"), "")) == 409);
  CHECK(must(customer.get(path_of(id)), 200).text("/subject") == "Florist is late");
  CHECK(d.database()->count("select count(*) from usher.audit_log where ticket_id = $1", {id}) == version + 2);
}
