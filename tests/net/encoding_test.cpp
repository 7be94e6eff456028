// "`gzip` when the client accepts it and the body is over 1 KiB" (contract, section 2), through the real server.
#include <catch2/catch_test_macros.hpp>

#include "gunzip.hpp"
#include "net/rate_limiter.hpp"
#include "server_fixture.hpp"

using namespace usher;
using domain::role;
using test::gunzip;
using test::server_fixture;

TEST_CASE("gzip when the client accepts it and the body is over 1 KiB") {
  server_fixture with;
  for (int i = 0; i < 5; ++i) REQUIRE_FALSE(with.make_ticket().empty());
  auto client = with.client();
  const auto list = [&](const std::string& headers) {
    auto got = client.ask(with.request("GET /api/support/tickets", "", headers));
    REQUIRE(got);
    CHECK(got->status == 200);
    CHECK(got->header("vary") == "Accept-Encoding");
    return *got;
  };
  const auto plain = list("");
  CHECK(plain.body.starts_with(R"({"data":[{)"));
  CHECK(plain.header("content-encoding").empty());
  for (const std::string refused : {"identity", "br", "gzip;q=0", "gzip;q=0.1, identity;q=0.2"}) {
    CAPTURE(refused);
    CHECK(list("Accept-Encoding: " + refused + "\r\n").header("content-encoding").empty());
  }
  // Twice, because the state of zlib is used again.
  for (const std::string taken : {"gzip", "br;q=1.0, gzip;q=0.5, *;q=0", "*"}) {
    CAPTURE(taken);
    const auto packed = list("Accept-Encoding: " + taken + "\r\n");
    CHECK(packed.header("content-encoding") == "gzip");
    CHECK(packed.body.size() < plain.body.size() / 2);
    // Not byte by byte: the clocks in it go on.
    const auto unpacked = gunzip(packed.body);
    CHECK(unpacked.starts_with(R"({"data":[{)"));
    CHECK(unpacked.ends_with(R"(],"has_more":false,"next_cursor":null})"));
  }
}

TEST_CASE("gzip: what is short, has no body, or is not asked for with it stays as it is") {
  server_fixture with;
  auto client = with.client();
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  const auto live = client.ask("GET /livez HTTP/1.1\r\nHost: a\r\n" + gzip + "\r\n");
  REQUIRE(live);
  CHECK(live->body == R"({"status":"alive"})");
  CHECK(live->header("content-encoding").empty());
  const auto options = client.ask("OPTIONS /livez HTTP/1.1\r\nHost: a\r\n" + gzip + "\r\n");
  REQUIRE(options);
  CHECK(options->status == 204);
  CHECK(options->header("content-encoding").empty());
  // A problem of many fields is a body like any other.
  std::string wrong = R"({"subject":"","body":"")";
  for (int i = 0; i < 60; ++i) wrong += ",\"unknown_" + std::to_string(i) + "\":1";
  const auto refused = client.ask(with.request("POST /api/support/tickets", wrong + "}", gzip));
  REQUIRE(refused);
  CHECK(refused->status == 422);
  if (refused->header("content-encoding") == "gzip")
    CHECK(gunzip(refused->body).find("/unknown_") != std::string::npos);
  else
    CHECK(refused->body.size() <= 1024);
}

TEST_CASE("gzip: an ETag is the version, in whatever coding, and HEAD has the header of GET") {
  server_fixture with;
  auto client = with.client();
  const std::string body = R"({"subject":"Cake","body":")" + std::string(3000, 'x') + "\"}";
  const auto made = client.ask(with.request("POST /api/support/tickets", body, "Accept-Encoding: gzip\r\n"));
  REQUIRE(made);
  CHECK(made->status == 201);
  CHECK(made->header("content-encoding") == "gzip");
  CHECK(made->header("etag") == "\"1\"");
  const auto place = made->header("location");
  const auto got = client.ask(with.request("GET " + place, "", "Accept-Encoding: gzip\r\n"));
  REQUIRE(got);
  CHECK(got->header("content-encoding") == "gzip");
  CHECK(got->header("etag") == "\"1\"");
  const auto head = client.ask(with.request("HEAD " + place, "", "Accept-Encoding: gzip\r\n"), true);
  REQUIRE(head);
  CHECK(head->header("content-encoding") == "gzip");
  CHECK(head->header("etag") == "\"1\"");
  CHECK(std::stoul(head->header("content-length")) < 3000);
  const auto same = client.ask(with.request("GET " + place, "", "Accept-Encoding: gzip\r\nIf-None-Match: \"1\"\r\n"));
  REQUIRE(same);
  CHECK(same->status == 304);
  CHECK(same->body.empty());
  CHECK(same->header("content-encoding").empty());
  CHECK(same->header("vary") == "Accept-Encoding");
  const auto changed = client.ask(
      with.request("PATCH " + place, R"({"subject":"Two"})", "Accept-Encoding: gzip\r\nIf-Match: \"1\"\r\n"));
  REQUIRE(changed);
  CHECK(changed->status == 200);
}

TEST_CASE("RateLimit and RateLimit-Policy on every metered answer; 429 and Retry-After past the limit") {
  net::rate_limiter rates(2, 100);
  server_fixture with(server_fixture::fast_limits(), 1, false, &rates);
  auto client = with.client();
  const auto ask = [&](const std::string& line, role as = role::requester) {
    auto got = client.ask(with.request(line, "", "", as));
    REQUIRE(got);
    return *got;
  };
  const auto first = ask("GET /api/support/tickets");
  CHECK(first.status == 200);
  CHECK(first.header("ratelimit-policy") == "\"caller\";q=2;w=1, \"organization\";q=100;w=1");
  CHECK(first.header("ratelimit") == "\"caller\";r=2;t=1, \"organization\";r=100;t=1");
  // Refusals after the token are metered too; those before it, and open routes, are not.
  CHECK(ask("GET /api/support/organizations").status == 403);
  CHECK(ask("GET /api/support/tickets?colour=red").header("ratelimit").starts_with("\"caller\";r="));
  std::optional<test::raw_response> refused;
  for (int i = 0; i < 50 && !refused; ++i)
    if (auto got = ask("GET /api/support/tickets"); got.status == 429) refused = got;
  REQUIRE(refused);
  CHECK(refused->header("retry-after") == "1");
  CHECK(refused->header("ratelimit") == "\"caller\";r=0;t=1");
  CHECK(refused->header("ratelimit-policy") == "\"caller\";q=2;w=1");
  CHECK(refused->body.find(R"("code":"rate_limited")") != std::string::npos);
  CHECK(refused->header("connection").empty());
  const auto open = client.ask("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(open);
  CHECK(open->headers.count("ratelimit") == 0);
  const auto stranger = client.ask("GET /api/support/tickets HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(stranger);
  CHECK(stranger->status == 401);
  CHECK(stranger->headers.count("ratelimit") == 0);
  // Another caller has a bucket of its own.
  CHECK(ask("GET /api/support/tickets", role::agent).status != 429);
}
