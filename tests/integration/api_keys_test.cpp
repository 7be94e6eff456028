// Keys of machines on a whole desk: made, used, kept over a restart, revoked, and never stored but by their hash.
#include <algorithm>

#include "tests/integration/http_checks.hpp"

using namespace usher::test;

namespace {

const std::string path = "/api/support/api-keys";

}  // namespace

TEST_CASE("api keys: a key works over a restart, until it is revoked, and for its organization only") {
  desk d;
  auto admin = d.as("admin");
  auto ours = d.customer(org_a);
  auto theirs = d.customer(org_b);
  const auto our_ticket = create(ours, "Ours").text("/id");
  const auto their_ticket = create(theirs, "Theirs").text("/id");

  const auto made = must(admin.post(path, R"({"name":"Bookings","role":"agent","organization_id":")" + org_a +
                                              R"(","scopes":["tickets:read","tickets:write"]})"),
                         201);
  const auto text = made.text("/key");
  const auto place = path + "/" + made.text("/id");
  {
    person machine(d.server.where(), text);
    CHECK(must(machine.get(tickets_path), 200).items("/data").size() == 1);
    must(machine.patch(path_of(our_ticket), R"({"tags":["machine"]})"), 200);
    CHECK(problem(machine.get(path_of(their_ticket))) == 404);
    CHECK(problem(machine.get("/api/support/agents")) == 403);
    const auto history = must(admin.get(path_of(our_ticket, "/history")), 200);
    CHECK(std::ranges::any_of(history.items("/data"),
                              [&](const json& each) { return each.text("/actor/sub") == "key:" + made.text("/id"); }));
  }
  // Another organization's admin has nothing to do with it.
  auto stranger = d.as("admin", "boss", org_b);
  CHECK(must(stranger.get(path), 200).items("/data").empty());
  CHECK(problem(stranger.get(place)) == 404);
  CHECK(problem(stranger.remove(place)) == 404);

  // A repeated request is told what it made, and the key is in no table.
  const auto once = must(admin.post(path, R"({"name":"Once","role":"agent"})", key("once")), 201);
  const auto twice = must(admin.post(path, R"({"name":"Once","role":"agent"})", key("once")), 201);
  CHECK(once.text("/id") == twice.text("/id"));
  CHECK_FALSE(twice.has("/key"));

  REQUIRE(d.server.stop() == 0);
  CHECK(d.server.log().find(text) == std::string::npos);
  d.server.start();
  auto again = d.as("admin");
  person machine(d.server.where(), text);
  CHECK(must(machine.get(path_of(our_ticket)), 200).text("/id") == our_ticket);
  CHECK(must(again.get(place), 200).text("/prefix") == text.substr(0, 12));
  CHECK(again.remove(place).status == 204);
  CHECK(problem(machine.get(path_of(our_ticket))) == 401);
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  person late(d.server.where(), text);
  CHECK(problem(late.get(tickets_path)) == 401);
  CHECK(must(d.as("admin").get(path), 200).items("/data").size() == 1);
}
