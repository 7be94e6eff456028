// The routes of tickets, messages, organizations and the system, through the real server.
#include <catch2/catch_test_macros.hpp>

#include "net/json_reader.hpp"
#include "net/router.hpp"
#include "server_fixture.hpp"

using namespace usher;
using domain::role;
using test::server_fixture;

namespace {

/// A member of a JSON text, as text; for looking at answers.
std::string member(const std::string& json, std::string_view name) {
  net::json_reader reader;
  const auto read = reader.read(json);
  REQUIRE(read);
  const auto* found = (*read)->find(name);
  REQUIRE(found != nullptr);
  std::string out;
  if (found->type == net::json_type::string) return std::string(found->text);
  net::append_json(out, *found);
  return out;
}

const std::string cake = R"({"subject":"Cake","body":"No cake."})";

}  // namespace

TEST_CASE("a ticket is created, read, changed, deleted and restored") {
  server_fixture with;
  SECTION("on the io thread") {}
  SECTION("by another thread") { with.desk.answer_elsewhere(); }
  auto client = with.client();
  const auto made = client.ask(with.request("POST /api/support/tickets", cake));
  REQUIRE(made);
  REQUIRE(made->status == 201);
  CHECK(made->header("etag") == "\"1\"");
  const auto place = made->header("location");
  CHECK(place == "/api/support/tickets/" + member(made->body, "id"));
  CHECK(member(made->body, "organization_id") == to_string(with.home));

  const auto got = client.ask(with.request("GET " + place));
  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(member(got->body, "subject") == "Cake");
  CHECK(client.ask(with.request("GET /api/support/tickets/" + member(made->body, "number")))->status == 200);
  const auto same = client.ask(with.request("GET " + place, "", "If-None-Match: W/\"1\"\r\n"));
  REQUIRE(same);
  CHECK(same->status == 304);
  CHECK(same->body.empty());

  const auto changed =
      client.ask(with.request("PATCH " + place, R"({"priority":"high"})", "If-Match: \"1\"\r\n", role::agent));
  REQUIRE(changed);
  CHECK(changed->status == 200);
  CHECK(member(changed->body, "priority") == "high");
  CHECK(changed->header("etag") == "\"2\"");
  CHECK(
      client.ask(with.request("PATCH " + place, R"({"priority":"low"})", "If-Match: \"1\"\r\n", role::agent))->status ==
      412);

  CHECK(client.ask(with.request("DELETE " + place, "", "", role::agent))->status == 403);
  const auto gone = client.ask(with.request("DELETE " + place, "", "", role::manager));
  REQUIRE(gone);
  CHECK(gone->status == 204);
  CHECK(gone->body.empty());
  CHECK(client.ask(with.request("GET " + place))->status == 404);
  CHECK(client.ask(with.request("POST " + place + "/restore", "", "", role::manager))->status == 200);
  CHECK(client.ask(with.request("GET " + place))->status == 200);
}

TEST_CASE("a repeated creation gets the first answer") {
  server_fixture with;
  auto client = with.client();
  const auto first = client.ask(with.request("POST /api/support/tickets", cake, "Idempotency-Key: \"k 1\"\r\n"));
  CHECK(first->status == 400);
  const auto made = client.ask(with.request("POST /api/support/tickets", cake, "Idempotency-Key: \"k1\"\r\n"));
  REQUIRE(made);
  REQUIRE(made->status == 201);
  const auto again = client.ask(with.request("POST /api/support/tickets", cake, "Idempotency-Key: k1\r\n"));
  REQUIRE(again);
  CHECK(again->status == 201);
  CHECK(again->body == made->body);
  CHECK(again->header("location") == made->header("location"));
  CHECK(again->header("etag") == made->header("etag"));
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(made->header("idempotent-replayed").empty());
  const auto other =
      client.ask(with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})", "Idempotency-Key: k1\r\n"));
  REQUIRE(other);
  CHECK(other->status == 422);
  CHECK(member(other->body, "code") == "idempotency_key_reused");
}

TEST_CASE("messages and assignment") {
  server_fixture with;
  const auto place = "/api/support/tickets/" + with.make_ticket();
  auto client = with.client();
  const auto said = client.ask(with.request("POST " + place + "/messages", R"({"body":"Where is it?"})"));
  REQUIRE(said);
  CHECK(said->status == 201);
  CHECK(member(said->body, "visibility") == "public");
  CHECK(member(said->body, "author") == R"({"id":"u1","role":"requester"})");
  const auto list = client.ask(with.request("GET " + place + "/messages"));
  REQUIRE(list);
  CHECK(member(list->body, "has_more") == "false");
  CHECK(member(list->body, "data").find("Where is it?") != std::string::npos);

  const auto taken = client.ask(with.request("PUT " + place + "/assign", R"({"agent_id":"u1"})", "", role::agent));
  REQUIRE(taken);
  CHECK(taken->status == 200);
  CHECK(member(taken->body, "assignee_id") == "u1");
  CHECK(client.ask(with.request("PUT " + place + "/assign", R"({"auto":true})", "", role::supervisor))->status == 409);
  CHECK(client.ask(with.request("PUT " + place + "/assign", R"({"agent_id":null})", "", role::supervisor))->status ==
        200);
  CHECK(client.ask(with.request("PUT " + place + "/assign", R"({})", "", role::supervisor))->status == 422);
}

TEST_CASE("lists, their links, and parameters that are wrong") {
  server_fixture with;
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(with.make_ticket().empty());
  auto client = with.client();
  const auto page =
      client.ask(with.request("GET /api/support/tickets?limit=2&assignee_id=me,none&status=open,pending"));
  REQUIRE(page);
  CHECK(page->status == 200);
  CHECK(member(page->body, "has_more") == "true");
  CHECK(member(page->body, "next_cursor") == "next page/+");
  CHECK(page->header("link") ==
        "</api/support/tickets?limit=2&assignee_id=me%2Cnone&status=open%2Cpending&cursor=next%20page%2F%2B>; "
        "rel=\"next\"");
  CHECK(with.desk.last_query.assignee_ids == std::vector<std::string>{"u1", ""});
  CHECK(with.desk.last_query.status.size() == 2);
  for (const std::string bad :
       {"limit=0", "limit=101", "limit=x", "status=opened", "sort=size", "created_after=now", "colour=red",
        "q=", "sla=late", "status=open&status=open", "tag=%ff", "tag=%0", "category=none"}) {
    CAPTURE(bad);
    const auto got = client.ask(with.request("GET /api/support/tickets?" + bad));
    REQUIRE(got);
    CHECK(got->status == 400);
  }
  const auto dated =
      client.ask(with.request("GET /api/support/tickets?created_after=2026-01-01T00:00:00+01:00&sort=-due_at"));
  REQUIRE(dated);
  CHECK(dated->status == 200);
  CHECK(with.desk.last_query.created_after == domain::parse_rfc3339("2025-12-31T23:00:00Z"));
}

TEST_CASE("bodies that are wrong say where") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& body) {
    auto got = client.ask(with.request("POST /api/support/tickets", body));
    REQUIRE(got);
    return *got;
  };
  CHECK(ask("{").status == 400);
  CHECK(member(ask("{").body, "code") == "malformed_json");
  CHECK(ask(R"({"subject":"a","subject":"b","body":"c"})").status == 400);
  CHECK(ask("\xEF\xBB\xBF" + cake).status == 400);
  CHECK(ask(cake + "x").status == 400);
  const auto missing = ask(R"({"body":"c"})");
  CHECK(missing.status == 422);
  CHECK(member(missing.body, "errors").find(R"("pointer":"/subject")") != std::string::npos);
  const auto unknown = ask(R"({"subject":"a","body":"b","wedding":{"at":"2026-06-13T19:00:00Z","cake/tier~":1}})");
  CHECK(unknown.status == 422);
  CHECK(member(unknown.body, "errors").find(R"("/wedding/cake~1tier~0")") != std::string::npos);
  const auto wrong =
      client.ask("POST /api/support/tickets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                 with.token(role::requester) + "\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  REQUIRE(wrong);
  CHECK(wrong->status == 415);
}

TEST_CASE("tokens are asked for, and judged") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& authorization) {
    auto got =
        client.ask("GET /api/support/tickets HTTP/1.1\r\nHost: a\r\nAuthorization: " + authorization + "\r\n\r\n");
    REQUIRE(got);
    return *got;
  };
  CHECK(ask("Bearer " + with.token(role::requester)).status == 200);
  CHECK(ask("bearer " + with.token(role::agent)).status == 200);
  for (const auto& bad : {std::string("Bearer x"), std::string("Basic dTpw"), "Bearer " + with.token(role::agent) + "x",
                          std::string("Bearer")}) {
    CAPTURE(bad);
    const auto got = ask(bad);
    CHECK(got.status == 401);
    CHECK(got.header("www-authenticate") == "Bearer error=\"invalid_token\"");
  }
}

TEST_CASE("organizations belong to staff, and are set by admins") {
  server_fixture with;
  auto client = with.client();
  const auto place = "/api/support/organizations/" + to_string(domain::organization_id::generate());
  const std::string body = R"({"name":"Bloom","tier":"STARTER","time_zone":"Europe/Paris"})";
  CHECK(client.ask(with.request("GET /api/support/organizations"))->status == 403);
  CHECK(client.ask(with.request("PUT " + place, body, "", role::executive))->status == 403);
  CHECK(client.ask(with.request("GET " + place, "", "", role::agent))->status == 404);
  CHECK(client.ask(with.request("PUT " + place, body, "", role::admin))->status == 201);
  CHECK(client.ask(with.request("PUT " + place, body, "", role::admin))->status == 200);
  const auto got = client.ask(with.request("GET " + place, "", "", role::agent));
  REQUIRE(got);
  CHECK(member(got->body, "tier") == "STARTER");
  CHECK(got->header("etag") == "\"2\"");
}

TEST_CASE("readiness follows the desk; metrics and version are there") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& path) {
    auto got = client.ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(got);
    return *got;
  };
  CHECK(ask("/readyz").status == 200);
  with.desk.state.recovered = false;
  with.desk.state.tickets_expected = 10;
  const auto waiting = ask("/readyz");
  CHECK(waiting.status == 503);
  CHECK(member(waiting.body, "expected") == "10");
  CHECK(ask("/metrics").body == "usher_up 1\n");
  CHECK(member(ask("/version").body, "version") == "1.2.3");
  const auto console = ask("/");
  CHECK(console.status == 200);
  CHECK(console.header("content-type") == "text/html; charset=utf-8");
  const auto policy = console.header("content-security-policy");
  CHECK(policy.find("script-src 'self'") != std::string::npos);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
  for (const std::string part : {"console.js", "console.css"}) {
    CHECK(console.body.find("/console/" + part) != std::string::npos);
    CHECK(ask("/console/" + part).status == 200);
    CHECK(ask("/docs/console%2F" + part).status == 404);
  }
  CHECK(ask("/console/console.html").status == 404);
  CHECK(ask("/console/../openapi.json").status == 404);
  CHECK(ask("/livez/").status == 404);
  CHECK(ask("/nowhere").status == 404);
  CHECK(with.watcher.last_route == net::all_routes().size());
  CHECK(with.watcher.last_status == 404);
}

TEST_CASE("If-Match can be required") {
  server_fixture with(server_fixture::fast_limits(), 1, true);
  const auto place = "/api/support/tickets/" + with.make_ticket();
  auto client = with.client();
  const auto body = R"({"subject":"Two cakes"})";
  const auto got = client.ask(with.request("PUT " + place, body));
  REQUIRE(got);
  CHECK(got->status == 428);
  CHECK(client.ask(with.request("PUT " + place, body, "If-Match: W/\"1\"\r\n"))->status == 412);
  CHECK(client.ask(with.request("PUT " + place, body, "If-Match: *\r\n"))->status == 200);
}
