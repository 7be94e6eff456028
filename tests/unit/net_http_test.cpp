// Headers, the guard, problems, routes, preconditions: all that needs no socket.
#include <catch2/catch_test_macros.hpp>

#include "net/guard.hpp"
#include "net/head_parser.hpp"
#include "net/preconditions.hpp"
#include "net/problem.hpp"
#include "net/response_writer.hpp"
#include "net/router.hpp"

using namespace usher;
using namespace usher::net;
using domain::errc;

namespace {

head_scan::outcome scan(std::string_view text) {
  std::size_t resume = 0;
  return scan_head(text, resume).what;
}

/// The status that the guard refuses a header with; 0 when it lets it pass.
int judge(const std::string& text) {
  request_head head;
  if (!parse_head(text, head)) return refuse_malformed(head).status;
  const auto no = check_head(head, limits{});
  return no ? no->status : 0;
}

std::string get(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\nHost: a\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("http: a header's end is found wherever the bytes are cut", "[net]") {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    CAPTURE(cut);
    std::size_t resume = 0;
    CHECK(scan_head(std::string_view(text).substr(0, cut), resume).what == head_scan::outcome::incomplete);
    const auto whole = scan_head(text + "next", resume);
    CHECK(whole.what == head_scan::outcome::complete);
    CHECK(whole.size == text.size());
  }
  CHECK(scan("GET / HTTP/1.1\n") == head_scan::outcome::hopeless);
  CHECK(scan("GET / HTTP/1.1\r\r") == head_scan::outcome::hopeless);
  CHECK(scan(std::string_view("GET \0", 5)) == head_scan::outcome::hopeless);
  CHECK(scan("\x16\x03") == head_scan::outcome::hopeless);
}

TEST_CASE("http: the guard lets ordinary requests pass", "[net]") {
  for (const std::string line : {"GET / HTTP/1.1", "HEAD / HTTP/1.1", "POST /a?b=c HTTP/1.1", "PUT / HTTP/1.1",
                                 "PATCH / HTTP/1.1", "DELETE / HTTP/1.1", "OPTIONS / HTTP/1.1"})
    CHECK(judge(get("", line)) == 0);
  CHECK(judge(get("Content-Length: 262144\r\n")) == 0);
  CHECK(judge(get("Expect: 100-Continue\r\n")) == 0);
  CHECK(judge(get("Upgrade: h2c\r\nConnection: upgrade\r\n")) == 0);
  CHECK(judge("GET / HTTP/1.0\r\n\r\n") == 0);
  CHECK(judge("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n") == 0);
}

TEST_CASE("http: the guard's refusals", "[net]") {
  CHECK(judge(get("Transfer-Encoding: chunked\r\n")) == 411);
  CHECK(judge(get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")) == 411);
  CHECK(judge("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 411);
  CHECK(judge(get("Content-Length: 262145\r\n")) == 413);
  CHECK(judge(get("Content-Length: 1\r\nContent-Length: 1\r\n")) == 400);
  CHECK(judge(get("Content-Length: +1\r\n")) == 400);
  CHECK(judge(get("Authorization: a\r\nauthorization: a\r\n")) == 400);
  CHECK(judge(get("Host: b\r\n")) == 400);
  CHECK(judge("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(judge(get("Content-Encoding: br\r\n")) == 415);
  CHECK(judge(get("Expect: 200-ok\r\n")) == 417);
  CHECK(judge(get("", "TRACE / HTTP/1.1")) == 405);
  CHECK(judge(get("", "get / HTTP/1.1")) == 501);
  CHECK(judge(get("", "GET a HTTP/1.1")) == 400);
  CHECK(judge(get("", "GET /" + std::string(2047, 'a') + " HTTP/1.1")) == 0);
  CHECK(judge(get("", "GET /" + std::string(2048, 'a') + " HTTP/1.1")) == 414);
  std::string many;
  for (int i = 0; i < 63; ++i) many += "X: a\r\n";
  CHECK(judge(get(many)) == 0);
  CHECK(judge(get(many + "X: a\r\n")) == 431);
}

TEST_CASE("http: every code of the domain has its status", "[net]") {
  const request in;
  for (int i = 0; i < domain::errc_count; ++i) {
    const auto code = static_cast<errc>(i);
    CAPTURE(domain::to_word(code));
    const auto out = make_problem(domain::error(code), in);
    CHECK(out.status >= 400);
    CHECK(out.status <= 503);
    CHECK(reason_of(out.status) != "Unknown");
    CHECK(out.content_type == problem_content);
    CHECK(out.body.find("\"code\":\"" + std::string(domain::to_word(code)) + "\"") != std::string::npos);
    const bool retry = out.headers.find("Retry-After: ") != std::string::npos;
    CHECK(retry == (out.status == 503 || code == errc::idempotency_in_flight));
  }
  CHECK(status_of(errc::invalid) == 422);
  CHECK(status_of(errc::bad_cursor) == 400);
  CHECK(status_of(errc::not_found) == 404);
  CHECK(status_of(errc::forbidden) == 403);
  CHECK(status_of(errc::conflict) == 409);
  CHECK(status_of(errc::version_mismatch) == 412);
  CHECK(status_of(errc::idempotency_key_reused) == 422);
  CHECK(status_of(errc::idempotency_in_flight) == 409);
  CHECK(status_of(errc::rejected_by_store) == 422);
  for (const auto code : {errc::overloaded, errc::unavailable, errc::timed_out, errc::quarantined, errc::shutting_down})
    CHECK(status_of(code) == 503);
  CHECK(status_of(errc::internal) == 500);
}

TEST_CASE("http: a problem names its fields", "[net]") {
  request in;
  in.path = "/a\"b";
  in.request_id = "r1";
  const auto out = make_problem(domain::error(errc::invalid, "no", {{"/x~1y", "is \"odd\""}}), in);
  CHECK(
      out.body ==
      R"({"type":"urn:usher:problem:invalid","title":"Unprocessable Content","status":422,"detail":"no",)"
      R"("instance":"/a\"b","code":"invalid","request_id":"r1","errors":[{"pointer":"/x~1y","detail":"is \"odd\""}]})");
}

TEST_CASE("http: every route is found, with its parameters and its label", "[net]") {
  const router routes(all_routes());
  for (std::size_t i = 0; i < all_routes().size(); ++i) {
    const auto& r = all_routes()[i];
    std::string path(r.path);
    if (const auto at = path.find('{'); at != std::string::npos) path.replace(at, path.find('}') - at + 1, "42");
    CAPTURE(path);
    const auto match = routes.find(r.how, path);
    CHECK(match.found == &r);
    CHECK(match.index == i);
    if (r.path.find('{') != std::string_view::npos) CHECK(match.parameters[0] == "42");
    CHECK(route_labels()[i] == r.path);
    CHECK_FALSE(routes.find(r.how, path + "/more/and/more").found);
    CHECK_FALSE(routes.find(r.how, path + "/").found);
  }
  CHECK(route_labels().back() == "unmatched");
  CHECK(routes.find(method::head, "/livez").found != nullptr);
  CHECK_FALSE(routes.find(method::head, "/api/support/tickets/1/assign").found);
  CHECK(routes.find(method::get, "/api/support/tickets/1/assign").allow == "PUT, OPTIONS");
  CHECK(routes.find(method::get, "/nowhere").allow.empty());
  CHECK(routes.find(method::get, "/api/support/tickets/../tickets").allow.empty());
  CHECK_FALSE(routes.find(method::get, "//livez").found);
}

TEST_CASE("http: If-Match and If-None-Match", "[net]") {
  const auto expected = [](std::string_view header) {
    request_head head;
    head.has_if_match = true;
    head.if_match = header;
    return expected_version(head, false);
  };
  CHECK(expected("\"7\"").value() == 7);
  CHECK_FALSE(expected("*").value());
  for (const auto* bad : {"7", "\"x\"", "W/\"7\"", "", "\"7\", \"8\"", "\"-1\"", "\"\"", "\"7"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(expected(bad));
    CHECK(expected(bad).error().status == 412);
  }
  CHECK_FALSE(expected_version({}, false).value());
  CHECK(expected_version({}, true).error().status == 428);
  CHECK(none_match_names("\"7\"", 7));
  CHECK(none_match_names("\"6\", W/\"7\"", 7));
  CHECK(none_match_names("*", 7));
  CHECK_FALSE(none_match_names("\"6\"", 7));
  CHECK_FALSE(none_match_names("", 7));
}

TEST_CASE("http: Idempotency-Key", "[net]") {
  const auto key = [](std::string_view header) {
    request_head head;
    head.has_idempotency_key = true;
    head.idempotency_key = header;
    return idempotency_key(head);
  };
  CHECK(key("\"k\"").value() == "k");
  CHECK(key("k").value() == "k");
  CHECK(key(std::string(255, 'a')).has_value());
  for (const std::string bad : {"", "\"\"", "a b", "\xc3\xa4"}) CHECK_FALSE(key(bad));
  CHECK_FALSE(key(std::string(256, 'a')));
  CHECK_FALSE(idempotency_key({}).value());
}

TEST_CASE("http: queries, headers and dates", "[net]") {
  std::vector<parameter> out;
  REQUIRE(parse_query("a=1&b=x%2Cy+z&&c", 10, out));
  REQUIRE(out.size() == 3);
  CHECK(out[1].value == "x,y z");
  CHECK(out[2].value.empty());
  for (const auto* bad : {"a=%", "a=%4", "a=%zz", "a=%00", "%0a=1"}) CHECK_FALSE(parse_query(bad, 10, out));
  CHECK_FALSE(parse_query("a&b&c", 2, out));
  response r;
  add_header(r, "X", "a\r\nSet-Cookie: b");
  CHECK(r.headers == "X: aSet-Cookie: b\r\n");
  CHECK(http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  std::string bytes;
  r = {};
  r.status = 204;
  write_response(bytes, r, {.request_id = "id", .date = "now", .close = true});
  CHECK(bytes ==
        "HTTP/1.1 204 No Content\r\nDate: now\r\nX-Request-Id: id\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n");
}
