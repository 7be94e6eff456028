// What the front door does with bytes: framing, limits, refusals.
#include <catch2/catch_test_macros.hpp>

#include "server_fixture.hpp"

using namespace usher;
using test::server_fixture;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n";

/// The answer to bytes that are refused, and that the connection ends after it.
void check_refused(const server_fixture& with, const std::string& bytes, int status, const std::string& code) {
  CAPTURE(bytes.substr(0, 200), status);
  auto client = with.client();
  const auto got = client.ask(bytes);
  REQUIRE(got);
  CHECK(got->status == status);
  CHECK(got->header("content-type") == "application/problem+json; charset=utf-8");
  CHECK(got->header("connection") == "close");
  CHECK_FALSE(got->header("x-request-id").empty());
  CHECK(got->body.find("\"code\":\"" + code + "\"") != std::string::npos);
  CHECK(client.is_closed());
}

}  // namespace

TEST_CASE("a connection serves many requests") {
  server_fixture with;
  auto client = with.client();
  for (int i = 0; i < 50; ++i) {
    const auto got = client.ask(live);
    REQUIRE(got);
    CHECK(got->status == 200);
    CHECK(got->body == R"({"status":"alive"})");
    CHECK(got->header("connection").empty());
    CHECK(got->header("cache-control") == "no-store");
    CHECK(got->header("x-content-type-options") == "nosniff");
    CHECK(got->header("content-type") == "application/json; charset=utf-8");
    CHECK(got->header("date").ends_with(" GMT"));
    CHECK(got->header("x-request-id").size() == 36);
  }
}

TEST_CASE("pipelined requests are answered in order") {
  server_fixture with;
  with.desk.answer_elsewhere();
  const auto id = with.make_ticket();
  REQUIRE(id.size() == 36);
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const auto name = "X-Request-Id: r" + std::to_string(i) + "\r\n";
    all += i % 2 == 0 ? with.request("GET /api/support/tickets/" + id, "", name)
                      : with.request("POST /api/support/tickets/" + id + "/messages", R"({"body":"again"})", name);
  }
  auto client = with.client();
  REQUIRE(client.send(all));
  for (int i = 0; i < 200; ++i) {
    const auto got = client.read();
    REQUIRE(got);
    CHECK(got->header("x-request-id") == "r" + std::to_string(i));
    CHECK(got->status == (i % 2 == 0 ? 200 : 201));
  }
}

TEST_CASE("a request may come byte by byte") {
  server_fixture with;
  auto client = with.client();
  const auto bytes = "\r\n" + with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})");
  for (const char c : bytes) REQUIRE(client.send({&c, 1}));
  const auto got = client.read();
  REQUIRE(got);
  CHECK(got->status == 201);
}

TEST_CASE("a large body is gathered") {
  server_fixture with;
  auto client = with.client();
  const std::string body =
      R"({"subject":"a","body":")" + std::string(19'000, 'x') + R"(","tags":[)" + std::string(200'000, ' ') + "]}";
  const auto got = client.ask(with.request("POST /api/support/tickets", body));
  REQUIRE(got);
  CHECK(got->status == 201);
  CHECK(client.ask(live)->status == 200);
}

TEST_CASE("what could be framed in two ways is refused") {
  server_fixture with;
  const std::string get = "GET /livez HTTP/1.1\r\nHost: desk\r\n";
  check_refused(with, get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "length_required");
  check_refused(with, get + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", 411, "length_required");
  check_refused(with, get + "Transfer-Encoding: gzip\r\n\r\n", 411, "length_required");
  check_refused(with, get + "transfer-encoding:\r\n\r\n", 411, "length_required");
  check_refused(with, get + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "malformed_request");
  check_refused(with, get + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, "malformed_request");
  check_refused(with, get + "Content-Length: -1\r\n\r\n", 400, "malformed_request");
  check_refused(with, get + "Content-Length: 99999999999999999999999\r\n\r\n", 400, "malformed_request");
  check_refused(with, get + "Trailer: X\r\n\r\n", 400, "malformed_request");
  check_refused(with, get + "Content-Encoding: gzip\r\n\r\n", 415, "unsupported_media_type");
  check_refused(with, get + "X-Folded: a\r\n b\r\n\r\n", 400, "malformed_request");
  check_refused(with, get + "Spaced : a\r\n\r\n", 400, "malformed_request");
}

TEST_CASE("headers that decide something may come once") {
  server_fixture with;
  for (const std::string name : {"Authorization", "Idempotency-Key", "Content-Type", "If-Match", "Host"})
    check_refused(with, "GET /livez HTTP/1.1\r\nHost: desk\r\n" + name + ": a\r\n" + name + ": a\r\n\r\n", 400,
                  "malformed_request");
}

TEST_CASE("a host is needed, and has to be one") {
  server_fixture with;
  check_refused(with, "GET /livez HTTP/1.1\r\n\r\n", 400, "malformed_request");
  check_refused(with, "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "malformed_request");
  check_refused(with, "GET /livez HTTP/1.1\r\nHost: a/b@c\r\n\r\n", 400, "malformed_request");
  auto client = with.client();
  const auto old = client.ask("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  REQUIRE(old);
  CHECK(old->status == 200);
  CHECK(client.is_closed());
}

TEST_CASE("methods and targets that are not served") {
  server_fixture with;
  check_refused(with, "CONNECT desk:443 HTTP/1.1\r\nHost: desk\r\n\r\n", 405, "method_not_allowed");
  check_refused(with, "TRACE / HTTP/1.1\r\nHost: desk\r\n\r\n", 405, "method_not_allowed");
  check_refused(with, "BREW /pot HTTP/1.1\r\nHost: desk\r\n\r\n", 501, "not_implemented");
  check_refused(with, "GET http://desk/livez HTTP/1.1\r\nHost: desk\r\n\r\n", 400, "malformed_request");
  check_refused(with, "GET * HTTP/1.1\r\nHost: desk\r\n\r\n", 400, "malformed_request");
  check_refused(with, "GET /\xc3\xa4 HTTP/1.1\r\nHost: desk\r\n\r\n", 400, "malformed_request");
}

TEST_CASE("what is too large is refused before it is read") {
  server_fixture with;
  const std::string host = "\r\nHost: desk\r\n";
  check_refused(with, "GET /" + std::string(2048, 'a') + " HTTP/1.1" + host + "\r\n", 414, "target_too_long");
  check_refused(with, "GET /" + std::string(9000, 'a'), 414, "target_too_long");
  check_refused(with, "GET /livez HTTP/1.1" + host + "X: " + std::string(9000, 'a'), 431, "headers_too_large");
  std::string many = "GET /livez HTTP/1.1" + host;
  for (int i = 0; i < 64; ++i) many += "X: a\r\n";
  check_refused(with, many + "\r\n", 431, "headers_too_large");
  check_refused(with, "POST /api/support/tickets HTTP/1.1" + host + "Content-Length: 262145\r\n\r\n", 413,
                "body_too_large");
  check_refused(
      with, "POST /api/support/tickets HTTP/1.1" + host + "Content-Length: 300000\r\n\r\n" + std::string(300'000, 'a'),
      413, "body_too_large");
}

TEST_CASE("garbage is refused at once") {
  server_fixture with;
  for (const std::string bytes : {"\x16\x03\x01\x02", "hello\n", "GET / HTTP/1.1\nHost: a\n\n",
                                  "GET / HTTP/9.9\r\n\r\n", "GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", "{\"a\":1}"})
    check_refused(with, bytes, 400, "malformed_request");
}

TEST_CASE("HEAD gives the header of GET") {
  server_fixture with;
  auto client = with.client();
  const auto got = client.ask("HEAD /livez HTTP/1.1\r\nHost: desk\r\n\r\n", true);
  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(got->header("content-length") == "18");
  const auto next = client.ask(live);
  REQUIRE(next);
  CHECK(next->body == R"({"status":"alive"})");
}

TEST_CASE("OPTIONS and 405 say what is allowed") {
  server_fixture with;
  auto client = with.client();
  const auto options = client.ask("OPTIONS /api/support/tickets/7 HTTP/1.1\r\nHost: desk\r\n\r\n");
  REQUIRE(options);
  CHECK(options->status == 204);
  CHECK(options->header("allow") == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  CHECK(options->headers.count("content-length") == 0);
  const auto wrong = client.ask("DELETE /livez HTTP/1.1\r\nHost: desk\r\n\r\n");
  REQUIRE(wrong);
  CHECK(wrong->status == 405);
  CHECK(wrong->header("allow") == "GET, HEAD, OPTIONS");
  CHECK(client.ask("OPTIONS /nowhere HTTP/1.1\r\nHost: desk\r\n\r\n")->status == 404);
}

TEST_CASE("100 Continue is sent when the body will be read, and only then") {
  server_fixture with;
  const std::string body = R"({"subject":"a","body":"b"})";
  const auto whole = with.request("POST /api/support/tickets", body, "Expect: 100-continue\r\n");
  const auto head = whole.substr(0, whole.size() - body.size());
  auto client = with.client();
  const auto go_on = client.ask(head);
  REQUIRE(go_on);
  CHECK(go_on->status == 100);
  const auto made = client.ask(body);
  REQUIRE(made);
  CHECK(made->status == 201);

  auto stranger = with.client();
  const auto refused = stranger.ask(
      "POST /api/support/tickets HTTP/1.1\r\nHost: desk\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n");
  REQUIRE(refused);
  CHECK(refused->status == 401);
  CHECK(stranger.is_closed());
  check_refused(with, "GET /livez HTTP/1.1\r\nHost: desk\r\nExpect: tea\r\n\r\n", 417, "expectation_failed");
}

TEST_CASE("a body that nobody wants is skipped, and the connection lives on") {
  server_fixture with;
  auto client = with.client();
  const std::string body(100'000, 'x');
  const auto got =
      client.ask("POST /api/support/tickets HTTP/1.1\r\nHost: desk\r\nContent-Length: 100000\r\n\r\n" + body);
  REQUIRE(got);
  CHECK(got->status == 401);
  CHECK(got->header("www-authenticate") == "Bearer");
  const auto next = client.ask(live);
  REQUIRE(next);
  CHECK(next->status == 200);
}

TEST_CASE("the caller's request id comes back, if it is one") {
  server_fixture with;
  auto client = with.client();
  const auto ask = [&](const std::string& id) {
    return client.ask("GET /livez HTTP/1.1\r\nHost: desk\r\nX-Request-Id: " + id + "\r\n\r\n")->header("x-request-id");
  };
  CHECK(ask("order 66") == "order 66");
  CHECK(ask(std::string(128, 'a')) == std::string(128, 'a'));
  CHECK(ask(std::string(129, 'a')).size() == 36);
  CHECK(ask("\xc3\xa4").size() == 36);
}
