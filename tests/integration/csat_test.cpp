// Scores: asked for at the resolution, given by a link that needs no login, once (contract, section 3).
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

TEST_CASE("csat: the customer is asked by email, and the link works once, also after a restart") {
  desk d(std::vector<std::string>{"--public-url", "https://desk.example/"});
  auto agent = d.as("agent");
  auto customer = d.as("requester", "customer-1", org_a);
  auto id = create(customer, "Where is my payout?", R"(,"requester":{"name":"Rosa","email":"rosa@studio.example"})")
                .text("/id");
  must(agent.put(path_of(id, "/assign"), R"({"agent_id":"the-agent"})"), 200);
  CHECK(problem(customer.post(path_of(id, "/csat"), R"({"score":5})")) == 409);
  must(agent.patch(path_of(id), R"({"status":"resolved"})"), 200);

  auto sql = d.database();
  auto asked =
      sql->rows("select channel, recipient, payload ->> 'text' from usher.outbox where event = 'csat.requested'");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0][0] == "email");
  CHECK(asked[0][1] == "rosa@studio.example");
  auto shown = must(agent.get(path_of(id, "/csat")), 200).text("/link");
  CHECK(asked[0][2]->find(shown) != std::string::npos);
  const std::string base = "https://desk.example";
  REQUIRE(shown.starts_with(base + "/csat/"));
  auto path = shown.substr(base.size());

  sql.reset();
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  person nobody(d.server.where(), "");
  auto page = nobody.get(path);
  CHECK(page.status == 200);
  CHECK(page.header("content-type").value_or("").starts_with("text/html"));
  CHECK(problem(nobody.post(path + "x", R"({"score":4})")) == 404);
  CHECK(problem(nobody.post(path, R"({"score":0})")) == 422);
  must(nobody.post(path, R"({"score":4,"comment":"Quick"})"), 200);
  CHECK(problem(nobody.post(path, R"({"score":1})")) == 409);
  auto again = d.as("requester", "customer-1", org_a);
  CHECK(problem(again.post(path_of(id, "/csat"), R"({"score":1})")) == 409);
  auto stored = d.database()->rows("select score, comment, by_sub, agent_id, cycle from usher.csat_responses");
  REQUIRE(stored.size() == 1);
  CHECK(stored[0] == pg_row{"4", "Quick", "customer-1", "the-agent", "1"});
  auto staff = d.as("agent");
  auto last = must(staff.get(path_of(id, "/history")), 200).items("/data").back();
  CHECK(last.text("/action") == "ticket.rated");
  CHECK(last.number("/details/score") == 4);
}
