// Connections in time: slow clients, full houses, drains, and answers from other threads.
#include <catch2/catch_test_macros.hpp>

#include "server_fixture.hpp"

using namespace usher;
using test::eventually;
using test::server_fixture;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n";

/// A request that had begun is answered before the connection ends.
void check_late(test::raw_client& client) {
  const auto got = client.read();
  REQUIRE(got);
  CHECK(got->status == 408);
  CHECK(got->header("content-type") == "application/problem+json; charset=utf-8");
  CHECK(got->header("connection") == "close");
  CHECK(client.is_closed());
}

}  // namespace

TEST_CASE("clients are closed that take over 10 s for a header, however the bytes trickle") {
  auto bounds = server_fixture::fast_limits();
  bounds.header_timeout = 80ms;
  server_fixture with(bounds);
  auto client = with.client();
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(client.send("GET /livez HTTP/1.1\r\n"));
  // Each byte is in time; the header as a whole is not.
  while (!client.wait_readable(3ms) && client.send("a") && std::chrono::steady_clock::now() - begun < 5s) {
  }
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  check_late(client);
}

TEST_CASE("a body that takes over 30 s is cut, and so is 60 s of idleness") {
  auto bounds = server_fixture::fast_limits();
  bounds.body_timeout = 50ms;
  bounds.idle_timeout = 50ms;
  server_fixture with(bounds);
  auto slow = with.client();
  const auto bytes = with.request("POST /api/support/tickets", R"({"subject":"a"})");
  REQUIRE(slow.send(bytes.substr(0, bytes.size() - 1)));
  check_late(slow);
  CHECK(with.watcher.last_status == 408);
  auto idle = with.client();
  REQUIRE(idle.ask(live));
  CHECK(idle.is_closed());
  CHECK(eventually([&] { return with.server.connections() == 0; }));
}

TEST_CASE("a client that takes over 60 s to read is cut") {
  auto bounds = server_fixture::fast_limits();
  bounds.write_timeout = 100ms;
  server_fixture with(bounds);
  const auto id = with.make_ticket();
  auto client = with.client();
  const auto ask = with.request("GET /api/support/tickets/" + id);
  const auto begun = std::chrono::steady_clock::now();
  std::thread sender([&] {
    while (client.send(ask)) {
    }
  });
  CHECK(eventually([&] { return with.server.connections() == 0; }));
  sender.join();
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("a full house turns people away") {
  auto bounds = server_fixture::fast_limits();
  bounds.connections_max = 2;
  server_fixture with(bounds);
  auto first = with.client();
  auto second = with.client();
  REQUIRE(first.ask(live));
  REQUIRE(second.ask(live));
  auto third = with.client();
  const auto got = third.read();
  REQUIRE(got);
  CHECK(got->status == 503);
  CHECK(got->header("retry-after") == "1");
  CHECK(got->header("content-type") == "application/problem+json; charset=utf-8");
  CHECK_FALSE(got->header("x-request-id").empty());
  CHECK(third.is_closed());
  CHECK(first.ask(live)->status == 200);
}

TEST_CASE("an address that is taken, or none, is said in plain words") {
  server_fixture with;
  net::server other(with.door, 1);
  const auto why = [&](const std::string& address, std::uint16_t port) {
    try {
      other.start(address, port);
    } catch (const std::runtime_error& failed) {
      return std::string(failed.what());
    }
    return std::string("it listens");
  };
  CHECK(why("127.0.0.1", with.port) ==
        "can't listen on 127.0.0.1, port " + std::to_string(with.port) + ": Address already in use");
  CHECK(why("nowhere", 0).starts_with("can't listen on nowhere, port 0: "));
}

TEST_CASE("a drain finishes what is in flight, and closes what is idle") {
  server_fixture with;
  with.desk.answer_elsewhere();
  auto idle = with.client();
  REQUIRE(idle.ask(live));
  auto busy = with.client();
  with.desk.hold();
  REQUIRE(busy.send(with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})")));
  REQUIRE(eventually([&] { return with.desk.waiting() == 1; }));
  with.server.stop_accepting();
  CHECK(idle.is_closed());
  CHECK_FALSE(with.server.drain(20ms));
  with.desk.release();
  const auto got = busy.read();
  REQUIRE(got);
  CHECK(got->status == 201);
  CHECK(got->header("connection") == "close");
  CHECK(busy.is_closed());
  CHECK(with.server.drain(5s));
  CHECK_THROWS(with.client());
}

TEST_CASE("a stop cuts what the desk still holds, and late answers do no harm") {
  server_fixture with;
  with.desk.answer_elsewhere();
  with.desk.hold();
  auto client = with.client();
  REQUIRE(client.send(with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})")));
  REQUIRE(eventually([&] { return with.desk.waiting() == 1; }));
  with.server.stop();
  CHECK(client.is_closed());
  with.desk.release();
  CHECK(eventually([&] { return with.desk.waiting() == 0; }));
}

TEST_CASE("an answer that is dropped is a 503") {
  server_fixture with;
  with.desk.answer_elsewhere();
  const auto id = with.make_ticket();
  SECTION("by the desk") { with.desk.drop_next(); }
  SECTION("or said to be one") { with.desk.fail_next(domain::errc::timed_out); }
  auto client = with.client();
  const auto got = client.ask(with.request("POST /api/support/tickets/" + id + "/messages", R"({"body":"x"})"));
  REQUIRE(got);
  CHECK(got->status == 503);
  CHECK_FALSE(got->header("retry-after").empty());
}

TEST_CASE("many connections at once, answered by another thread") {
  server_fixture with;
  with.desk.answer_elsewhere();
  const auto id = with.make_ticket();
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int i = 0; i < 16; ++i)
    clients.emplace_back([&] {
      auto client = with.client();
      for (int j = 0; j < 50; ++j) {
        const auto got = client.ask(with.request("GET /api/support/tickets/" + id));
        if (got && got->status == 200) ++good;
      }
    });
  for (auto& c : clients) c.join();
  CHECK(good == 16 * 50);
}
