// What is refused of too many: strangers of an address, connections of an address, and work that the desk can't get
// done.
#include <catch2/catch_test_macros.hpp>

#include <vector>

#include "domain/time.hpp"
#include "server_fixture.hpp"

using namespace usher;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n";

}  // namespace

TEST_CASE("who shows no token that holds is metered by address; health is not, nor who shows one") {
  net::rate_limiter rates(0, 0, 3);
  server_fixture with(server_fixture::fast_limits(), 1, false, &rates);
  auto client = with.client();
  const auto ask = [&](const std::string& bytes) {
    auto got = client.ask(bytes);
    REQUIRE(got);
    return *got;
  };
  const std::string guess = "GET /api/support/tickets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c\r\n\r\n";
  const auto known = with.request("GET /api/support/tickets");
  std::optional<raw_response> refused;
  for (int i = 0; i < 50 && !refused; ++i) {
    auto got = ask(guess);
    if (got.status == 429)
      refused = got;
    else
      CHECK(got.status == 401);
    CHECK(ask(known).status == 200);
    CHECK(ask(std::string(live)).status == 200);
  }
  REQUIRE(refused);
  CHECK(refused->header("retry-after") == "1");
  CHECK(refused->body.find(R"("code":"rate_limited")") != std::string::npos);
  CHECK(refused->headers.count("ratelimit") == 0);
}

TEST_CASE("an address has so many connections at once, and gets them back") {
  auto bounds = server_fixture::fast_limits();
  bounds.connections_of_address_max = 3;
  server_fixture with(bounds, 1);
  {
    std::vector<raw_client> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(with.client());
      REQUIRE(clients.back().ask(live));
    }
    auto more = with.client();
    const auto no = more.ask(live);
    REQUIRE(no);
    CHECK(no->status == 503);
    CHECK(no->body.find(R"("code":"too_many_connections")") != std::string::npos);
    CHECK(no->header("retry-after") == "1");
    CHECK(clients.front().ask(live)->status == 200);
  }
  CHECK(eventually([&] {
    auto again = with.client();
    const auto got = again.ask(live);
    return got && got->status == 200;
  }));
}

TEST_CASE("a desk that can't keep up refuses at once, the least important first, and recovers") {
  net::overload_gate gate({.target = 20ms, .interval = 20ms, .in_flight_min = 4, .in_flight_max = 64});
  server_fixture with(server_fixture::fast_limits(), 2, false, nullptr, &gate);
  with.desk.answer_elsewhere();
  const auto id = with.make_ticket();
  with.desk.hold();
  const auto create = with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})");
  std::vector<raw_client> waiting;
  // What is in flight grows until the gate has seen for long enough that nothing comes back.
  std::optional<raw_response> refused;
  for (int i = 0; i < 500 && !refused; ++i) {
    auto c = with.client();
    c.send(create);
    if (c.wait_readable(5ms))
      refused = c.read();
    else
      waiting.push_back(std::move(c));
  }
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->body.find(R"("code":"overloaded")") != std::string::npos);
  const auto wait = std::stoi(refused->header("retry-after"));
  CHECK((wait >= 1 && wait <= 3));
  CHECK(refused->header("connection").empty());

  auto client = with.client();
  const auto list = client.ask(with.request("GET /api/support/tickets"));
  REQUIRE(list);
  CHECK(list->status == 503);
  CHECK(client.ask(live)->status == 200);
  // Refused before its body has come.
  const auto large = client.ask("POST /api/support/tickets HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer " +
                                with.token(domain::role::requester) +
                                "\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n");
  REQUIRE(large);
  CHECK(large->status == 503);

  with.desk.release();
  for (auto& c : waiting) {
    const auto got = c.read();
    REQUIRE(got);
    CHECK(got->status == 201);
  }
  CHECK(eventually([&] { return gate.in_flight(true) == 0; }));
  CHECK(eventually([&] { return with.client().ask(create)->status == 201; }));
}

TEST_CASE("in an overload there is still room for a wedding of today, and for an emergency") {
  net::overload_gate gate({.target = 20ms, .interval = 20ms, .in_flight_min = 20, .in_flight_max = 20});
  server_fixture with(server_fixture::fast_limits(), 1, false, nullptr, &gate);
  with.desk.answer_elsewhere();
  const auto today = domain::format_rfc3339(with.clock.now());
  const auto wedding =
      with.request("POST /api/support/tickets", R"({"subject":"a","body":"b","wedding":{"at":")" + today + R"("}})");
  const auto made = with.client().ask(wedding);
  REQUIRE(made);
  REQUIRE(made->status == 201);
  const auto emergency = made->header("location");
  const auto calm = "/api/support/tickets/" + with.make_ticket();
  with.desk.hold();
  const auto create = with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})");
  const auto message_to = [&](const std::string& path) {
    return with.request("POST " + path + "/messages", R"({"body":"Where are you?"})", "", domain::role::agent);
  };
  std::vector<raw_client> waiting;
  const auto is_taken_in = [&](const std::string& bytes) {
    auto c = with.client();
    const auto before = with.desk.waiting();
    c.send(bytes);
    if (!eventually([&] { return c.wait_readable(0ms) || with.desk.waiting() > before; })) return false;
    if (c.wait_readable(0ms)) return c.read()->status != 503;
    waiting.push_back(std::move(c));
    return true;
  };
  int taken = 0;
  while (taken < 20 && is_taken_in(create)) ++taken;
  CHECK(taken == 17);  // 85 of a hundred
  CHECK_FALSE(is_taken_in(message_to(calm)));
  CHECK(is_taken_in(wedding));
  CHECK(is_taken_in(message_to(emergency)));
  CHECK_FALSE(is_taken_in(create));
  // That has an end, too.
  taken += 2;
  while (taken < 100 && is_taken_in(wedding)) ++taken;
  CHECK(taken == 30);
  with.desk.release();
  for (auto& c : waiting) CHECK(c.read()->status == 201);
}
