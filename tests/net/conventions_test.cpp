// The contract's section 2, line by line, through the real server. What is not here stands in framing_test (limits of
// headers and targets), encoding_test (gzip, rate limits), lifecycle_test (time limits), room_test (pipelining, load)
// and tests/integration (what needs a database).
#include <catch2/catch_test_macros.hpp>

#include "domain/time.hpp"
#include "net/base64url.hpp"
#include "net/json_reader.hpp"
#include "net/router.hpp"
#include "server_fixture.hpp"

using namespace usher;
using domain::role;
using test::raw_response;
using test::server_fixture;

namespace {

const std::string tickets = "/api/support/tickets";
const std::string cake = R"({"subject":"Cake","body":"No cake."})";

std::string member(const std::string& json, std::string_view name) {
  net::json_reader reader;
  const auto read = reader.read(json);
  REQUIRE(read);
  const auto* found = (*read)->find(name);
  if (found == nullptr) return "(none)";
  std::string out;
  if (found->type == net::json_type::string) return std::string(found->text);
  net::append_json(out, *found);
  return out;
}

/// A problem document has all that the contract names, and agrees with the answer that carries it.
void check_problem(const raw_response& got, int status, const std::string& path) {
  CAPTURE(got.body);
  CHECK(got.status == status);
  CHECK(got.header("content-type") == "application/problem+json; charset=utf-8");
  CHECK(member(got.body, "type").starts_with("urn:usher:problem:"));
  CHECK(member(got.body, "type") == "urn:usher:problem:" + member(got.body, "code"));
  CHECK_FALSE(member(got.body, "title").empty());
  CHECK(member(got.body, "status") == std::to_string(status));
  CHECK_FALSE(member(got.body, "detail").empty());
  CHECK(member(got.body, "instance") == path);
  CHECK(member(got.body, "request_id") == got.header("x-request-id"));
}

/// A rightly signed token with exactly these parts.
std::string forge(const server_fixture& with, const std::string& claims,
                  const std::string& header = R"({"alg":"HS256","typ":"JWT"})") {
  const auto text = net::encode_base64url(header) + "." + net::encode_base64url(claims);
  return text + "." + net::encode_base64url(with.key.sign(text));
}

std::string get_with(const std::string& token) {
  return "GET " + tickets + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

}  // namespace

TEST_CASE("times are RFC 3339 in UTC with milliseconds; input takes any offset; ids are UUIDv7") {
  server_fixture with;
  auto client = with.client();
  const auto made = client.ask(
      with.request("POST " + tickets, R"({"subject":"a","body":"b","wedding":{"at":"2031-06-14T15:00:00.5+02:00"}})"));
  REQUIRE(made);
  CHECK(made->status == 201);
  CHECK(made->body.find(R"("at":"2031-06-14T13:00:00.500Z")") != std::string::npos);
  for (const auto* name : {"created_at", "updated_at"}) {
    const auto time = member(made->body, name);
    CHECK(time.size() == 24);
    CHECK(time.ends_with('Z'));
    CHECK(domain::parse_rfc3339(time).has_value());
  }
  const auto id = member(made->body, "id");
  REQUIRE(id.size() == 36);
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
}

TEST_CASE(
    "401 with WWW-Authenticate when missing, malformed, expired, not yet valid, wrongly signed, with crit, an "
    "unknown role or claims of the wrong type") {
  server_fixture with;
  auto client = with.client();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(with.clock.now().time_since_epoch()).count();
  const auto claims = [&](const std::string& sub, const std::string& role, const std::string& rest, long exp) {
    return "{\"iss\":\"usher\",\"sub\":" + sub + ",\"role\":" + role + ",\"exp\":" + std::to_string(exp) + rest + "}";
  };
  const auto status = [&](const std::string& token) {
    const auto got = client.ask(get_with(token));
    REQUIRE(got);
    if (got->status == 401) {
      check_problem(*got, 401, tickets);
      CHECK(got->header("www-authenticate").starts_with("Bearer"));
    }
    return got->status;
  };
  const auto good = claims(R"("u1")", R"("agent")", "", now + 60);
  CHECK(status(forge(with, good)) == 200);
  // 30 seconds of leeway, both ways.
  CHECK(status(forge(with, claims(R"("u2")", R"("agent")", "", now - 20))) == 200);
  CHECK(status(forge(with, claims(R"("u3")", R"("agent")", ",\"nbf\":" + std::to_string(now + 20), now + 90))) == 200);
  CHECK(status(forge(with, claims(R"("u1")", R"("agent")", "", now - 40))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"("agent")", ",\"nbf\":" + std::to_string(now + 60), now + 90))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"("owner")", "", now + 60))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"("system")", "", now + 60))) == 401);
  CHECK(status(forge(with, claims("7", R"("agent")", "", now + 60))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"(["agent"])", "", now + 60))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"("requester")", "", now + 60))) == 401);
  CHECK(status(forge(with, claims(R"("u1")", R"("agent")", R"(,"org":"not an id")", now + 60))) == 401);
  CHECK(status(forge(with, good, R"({"alg":"HS256","crit":["b64"]})")) == 401);
  CHECK(status(forge(with, good, R"({"alg":"none"})")) == 401);
  CHECK(status(forge(with, good, R"({"alg":"RS256"})")) == 401);
  CHECK(status(forge(with, good) + "A") == 401);
  CHECK(status("a.b") == 401);
  const auto missing = client.ask("GET " + tickets + " HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(missing);
  check_problem(*missing, 401, tickets);
  CHECK(missing->header("www-authenticate") == "Bearer");
  // 403 when the role may not.
  const auto forbidden = client.ask(with.request("GET /api/support/organizations"));
  REQUIRE(forbidden);
  check_problem(*forbidden, 403, "/api/support/organizations");
}

TEST_CASE("errors are application/problem+json, from the parser, the limits, the router and the rules") {
  server_fixture with;
  const auto place = tickets + "/" + with.make_ticket();
  const auto one = [&](const std::string& bytes, int status, const std::string& path) {
    CAPTURE(bytes.substr(0, 120));
    auto client = with.client();
    const auto got = client.ask(bytes);
    REQUIRE(got);
    check_problem(*got, status, path);
    return *got;
  };
  const std::string get = "GET " + tickets + " HTTP/1.1\r\nHost: a\r\n";
  one("nonsense\r\n\r\n", 400, "");
  one(get + "Transfer-Encoding: chunked\r\n\r\n", 411, tickets);
  one(get + "Content-Length: 300000\r\n\r\n", 413, tickets);
  one(get + "X: " + std::string(9000, 'x') + "\r\n\r\n", 431, "");
  one("GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "/" + std::string(3000, 'x'));
  one("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "/");
  one(with.request("GET /api/support/nothing"), 404, "/api/support/nothing");
  one(with.request("DELETE " + tickets), 405, tickets);
  one(with.request("POST " + tickets, "{"), 400, tickets);
  one(with.request("POST " + tickets, R"({"subject":7})"), 422, tickets);
  one(with.request("PATCH " + place, R"({"subject":"x"})", "If-Match: \"9\"\r\n"), 412, place);
  one(with.request("PATCH " + place, R"({"assignee_id":"x"})"), 403, place);
  with.desk.fail_next(domain::errc::conflict);
  one(with.request("PATCH " + place, R"({"subject":"x"})"), 409, place);
  with.desk.fail_next(domain::errc::overloaded);
  CHECK_FALSE(one(with.request("PATCH " + place, R"({"subject":"x"})"), 503, place).header("retry-after").empty());
  with.desk.fail_next(domain::errc::idempotency_in_flight);
  const auto in_flight = one(with.request("POST " + tickets, cake, "Idempotency-Key: k\r\n"), 409, tickets);
  CHECK(member(in_flight.body, "code") == "idempotency_in_flight");
}

TEST_CASE("400 malformed JSON: bad UTF-8, depth 17, duplicate members, with the place where it went wrong") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& body) {
    CAPTURE(body);
    auto got = client.ask(with.request("POST " + tickets, body));
    REQUIRE(got);
    check_problem(*got, 400, tickets);
    CHECK(member(got->body, "code") == "malformed_json");
    CHECK(got->header("connection").empty());
    return *got;
  };
  ask("{\"subject\":\"\xff\",\"body\":\"b\"}");
  ask("{\"subject\":\"\xc0\xaf\",\"body\":\"b\"}");
  ask(R"({"subject":"a","body":"b","custom_fields":)" + std::string(16, '[') + std::string(16, ']') + "}");
  CHECK(ask(R"({"subject":"a","body":"b","subject":"c"})").body.find(R"("pointer":"/subject")") != std::string::npos);
  CHECK(ask(R"({"subject":"a","body":"b","wedding":{"at":"x","at":"y"}})").body.find(R"("pointer":"/wedding/at")") !=
        std::string::npos);
  CHECK(member(ask(R"({"subject":"a",})").body, "detail").find("byte") != std::string::npos);
  ask("[" + cake);
  ask(cake + cake);
}

TEST_CASE("422 well-formed but invalid: wrong types, big numbers, unknown fields, nested ones too, by their pointer") {
  server_fixture with;
  auto client = with.client();
  const auto pointer_of = [&](const std::string& body, const std::string& pointer) {
    CAPTURE(body, pointer);
    const auto got = client.ask(with.request("POST " + tickets, body));
    REQUIRE(got);
    check_problem(*got, 422, tickets);
    CHECK(member(got->body, "errors").find("\"pointer\":\"" + pointer + "\"") != std::string::npos);
  };
  pointer_of(R"({"body":"b"})", "/subject");
  pointer_of(R"({"subject":[],"body":"b"})", "/subject");
  pointer_of(R"({"subject":"a","body":"b","colour":1})", "/colour");
  pointer_of(R"({"subject":"a","body":"b","wedding":{"at":"2031-06-14T15:00Z","cake":1}})", "/wedding/cake");
  pointer_of(R"({"subject":"a","body":"b","requester":{"name":"a","shoe":1}})", "/requester/shoe");
  pointer_of(R"({"subject":"a","body":"b","a/b~c":1})", "/a~1b~0c");
  pointer_of(R"({"subject":"a","body":"b","custom_fields":{"n":1e400}})", "/custom_fields/n");
  pointer_of(R"({"subject":"a","body":"b","custom_fields":{"n":123456789012345678901234567890}})", "/custom_fields/n");
  pointer_of(R"({"subject":"\u0000","body":"b"})", "/subject");
  pointer_of(R"({"subject":"\ud800","body":"b"})", "/subject");
  pointer_of(R"({"subject":"a","body":"b","tags":["x",7]})", "/tags/1");
}

TEST_CASE("415 not JSON") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& type) {
    CAPTURE(type);
    const auto got =
        client.ask("POST " + tickets + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + with.token(role::requester) +
                   "\r\n" + type + "Content-Length: " + std::to_string(cake.size()) + "\r\n\r\n" + cake);
    REQUIRE(got);
    return *got;
  };
  for (const std::string good :
       {"application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""})
    CHECK(ask("Content-Type: " + good + "\r\n").status == 201);
  for (const std::string bad : {"text/plain", "application/jsonp", "application/json; charset=latin1",
                                "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"})
    check_problem(ask("Content-Type: " + bad + "\r\n"), 415, tickets);
  check_problem(ask(""), 415, tickets);
}

TEST_CASE("400 an unknown query parameter, which is named; a bad value of a known one is 400, a malformed id 404") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& target, int status) {
    CAPTURE(target);
    const auto got = client.ask(with.request("GET " + target));
    REQUIRE(got);
    check_problem(*got, status, target.substr(0, target.find('?')));
    return member(got->body, "detail");
  };
  CHECK(ask(tickets + "?colour=red", 400).find("colour") != std::string::npos);
  CHECK(ask(tickets + "?limit=5&Limit=5", 400).find("Limit") != std::string::npos);
  CHECK(ask(tickets + "?limit=5&limit=6", 400).find("limit") != std::string::npos);
  CHECK(ask(tickets + "?limit=nine", 400).find("limit") != std::string::npos);
  ask(tickets + "/" + with.make_ticket() + "?limit=5", 400);
  ask("/livez?x=1", 400);
  for (const std::string id : {"x", "0", "-1", "007", "99999999999999999999", "0197a000-0000-7000-8000-00000000000",
                               "0197a000-0000-7000-8000-00000000000g", "0197a000%2d0000"})
    ask(tickets + "/" + id, 404);
}

TEST_CASE("404 unknown, or another organization's: the same answer for both") {
  server_fixture with;
  const auto id = with.make_ticket();
  const auto unknown = domain::to_string(domain::new_uuid_v7());
  domain::caller stranger{"u9", role::requester, domain::organization_id::generate()};
  const auto token = net::sign_token(with.key, stranger, with.clock.now(), std::chrono::hours(1));
  auto client = with.client();
  const auto ask = [&](const std::string& line, const std::string& body) {
    std::string out = line + " HTTP/1.1\r\nHost: a\r\nX-Request-Id: same\r\nAuthorization: Bearer " + token + "\r\n";
    if (!body.empty())
      out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    auto got = client.ask(out + "\r\n" + body);
    REQUIRE(got);
    CHECK(got->status == 404);
    return got->body;
  };
  for (const auto& [line, rest, body] :
       {std::tuple{"GET ", "", ""}, {"PATCH ", "", R"({"subject":"x"})"}, {"POST ", "/messages", R"({"body":"x"})"}}) {
    CAPTURE(line, rest);
    auto theirs = ask(line + (tickets + "/" + id) + rest, body);
    const auto nobodys = ask(line + (tickets + "/" + unknown) + rest, body);
    theirs.replace(theirs.find(id), id.size(), unknown);
    CHECK(theirs == nobodys);
  }
}

TEST_CASE("HEAD wherever there is GET, OPTIONS wherever there is a path, 405 with Allow elsewhere") {
  server_fixture with;
  const auto id = with.make_ticket();
  auto client = with.client();
  for (const auto& r : net::all_routes()) {
    std::string path(r.path);
    if (const auto brace = path.find("{id}"); brace != std::string::npos) path.replace(brace, 4, id);
    if (path.find('{') != std::string::npos) continue;
    CAPTURE(path);
    const auto options = client.ask("OPTIONS " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(options);
    CHECK(options->status == 204);
    const auto allow = options->header("allow");
    CHECK(allow.find(net::to_word(r.how)) != std::string::npos);
    for (const std::string how : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (allow.find(how) != std::string::npos) continue;
      const auto refused = client.ask(with.request(how + " " + path, "", "", role::admin));
      REQUIRE(refused);
      CHECK(refused->status == 405);
      CHECK(refused->header("allow") == allow);
    }
    if (r.how != net::method::get) continue;
    CHECK(allow.find("HEAD") != std::string::npos);
    const auto get = with.client().ask(with.request("GET " + path, "", "", role::admin));
    const auto head = with.client().ask(with.request("HEAD " + path, "", "", role::admin), true);
    REQUIRE(get);
    REQUIRE(head);
    CHECK(head->status == get->status);
    CHECK(head->header("content-type") == get->header("content-type"));
    CHECK(head->header("etag") == get->header("etag"));
    const bool endless = get->header("content-type").starts_with("text/event-stream");
    CHECK(head->headers.contains("content-length") == !endless);
  }
}

TEST_CASE("lists: limit 1-100 (25), has_more, next_cursor, and a Link when there is more") {
  server_fixture with;
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(with.make_ticket().empty());
  auto client = with.client();
  const auto all = client.ask(with.request("GET " + tickets));
  REQUIRE(all);
  CHECK(with.desk.last_query.limit == 25);
  CHECK(member(all->body, "has_more") == "false");
  CHECK(member(all->body, "next_cursor") == "null");
  CHECK(all->headers.count("link") == 0);
  CHECK(client.ask(with.request("GET " + tickets + "?limit=100"))->status == 200);
  CHECK(with.desk.last_query.limit == 100);
  const auto page = client.ask(with.request("GET " + tickets + "?limit=1"));
  REQUIRE(page);
  CHECK(member(page->body, "has_more") == "true");
  CHECK_FALSE(member(page->body, "next_cursor").empty());
  CHECK(page->header("link").ends_with(R"(>; rel="next")"));
}

TEST_CASE("what a guard refuses closes the connection; what a rule refuses does not") {
  server_fixture with;
  auto client = with.client();
  for (const auto& bytes : {with.request("GET /api/support/nothing"), with.request("POST " + tickets, "{"),
                            with.request("POST " + tickets, "{}"), with.request("DELETE " + tickets)}) {
    const auto got = client.ask(bytes);
    REQUIRE(got);
    CHECK(got->status >= 400);
    CHECK(got->header("connection").empty());
  }
  auto guarded = with.client();
  const auto got = guarded.ask(with.request("POST " + tickets, "", "Transfer-Encoding: chunked\r\n"));
  REQUIRE(got);
  CHECK(got->status == 411);
  CHECK(got->header("connection") == "close");
  CHECK(guarded.is_closed());
}
