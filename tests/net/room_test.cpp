// Room for load: everything has a bound, and whoever crosses it gets a clear answer.
#include <unistd.h>
#include <fstream>
#include <thread>

#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>

#include "server_fixture.hpp"

using namespace usher;
using test::eventually;
using test::raw_client;
using test::server_fixture;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n";

/// The sanitizers keep what was freed, and more: their memory says nothing about ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_tells = false;
#else
constexpr bool memory_tells = true;
#endif

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Both ends of each connection are in this process.
bool allow_descriptors(rlim_t wanted) {
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  if (now.rlim_cur >= wanted) return true;
  now.rlim_cur = std::min(wanted, now.rlim_max);
  return setrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur >= wanted;
}

}  // namespace

TEST_CASE("2,000 idle keep-alive connections are held while requests go on") {
  if (!allow_descriptors(4500)) SKIP("this machine allows too few descriptors");
  server_fixture with;
  const auto before = resident_bytes();
  std::vector<raw_client> idle;
  for (int i = 0; i < 2000; ++i) {
    idle.emplace_back(with.port);
    REQUIRE(idle.back().ask(live)->status == 200);
  }
  CHECK(with.server.connections() == 2000);
  const auto each = (resident_bytes() - std::min(before, resident_bytes())) / idle.size();
  CAPTURE(each);
  CHECK((!memory_tells || each < 24 * 1024));
  auto busy = with.client();
  for (int i = 0; i < 100; ++i)
    CHECK(busy.ask(with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})"))->status == 201);
  for (auto& client : idle) CHECK(client.ask(live)->status == 200);
}

TEST_CASE("HTTP/1.1 keep-alive and pipelining: 1,000 requests in one write are answered in order") {
  server_fixture with;
  with.desk.answer_elsewhere();
  const auto id = with.make_ticket();
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += with.request("GET /api/support/tickets/" + id, "", "X-Request-Id: r" + std::to_string(i) + "\r\n");
  auto client = with.client();
  // The server reads on only as its answers are taken, so a client has to do both at once.
  std::jthread sender([&] { client.send(all); });
  for (int i = 0; i < 1000; ++i) {
    const auto got = client.read();
    REQUIRE(got);
    CHECK(got->status == 200);
    CHECK(got->header("x-request-id") == "r" + std::to_string(i));
  }
}

TEST_CASE("pipelining has a bound: who does not read is not read from, and memory stays") {
  auto bounds = server_fixture::fast_limits();
  bounds.write_timeout = 60s;
  server_fixture with(bounds);
  std::string many;
  while (many.size() < 1U << 20U) many += with.request("GET /api/support/tickets", "", "X-Request-Id: a\r\n");
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(with.make_ticket().empty());
  const auto before = resident_bytes();
  auto client = with.client();
  std::size_t sent = 0;
  // The kernel's buffers are all that there is to fill; the server's own are of a header's size.
  while (sent < 256U << 20U && client.wait_writable(300ms)) sent += client.send_some(many);
  CAPTURE(sent);
  CHECK(sent < 64U << 20U);
  const auto answered = with.watcher.count.load();
  CHECK_FALSE(client.wait_writable(100ms));
  CHECK(with.watcher.count == answered);
  CHECK((!memory_tells || resident_bytes() < before + (32U << 20U)));
  CHECK(with.client().ask(live)->status == 200);
}

TEST_CASE("a 10 GB announced body is 413 at once, and the connection ends") {
  server_fixture with;
  auto client = with.client();
  const auto bytes = with.request("POST /api/support/tickets", "",
                                  "Content-Type: application/json\r\nContent-Length: 10000000000\r\n");
  const auto got = client.ask(bytes);
  REQUIRE(got);
  CHECK(got->status == 413);
  CHECK(got->header("connection") == "close");
  CHECK(got->body.find(R"("code":"body_too_large")") != std::string::npos);
  CHECK(client.is_closed());
  // Somebody who goes on sending all the same is read for a while, and then cut.
  auto stubborn = with.client();
  REQUIRE(stubborn.send(bytes));
  const std::string part(64 * 1024, 'x');
  const auto begun = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  while (sent < 1U << 30U && stubborn.send(part)) sent += part.size();
  CHECK(sent < 64U << 20U);
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
  CHECK(eventually([&] { return with.server.connections() == 0; }));
}

TEST_CASE("half-closed sockets get their answers") {
  server_fixture with;
  with.desk.answer_elsewhere();
  const auto ask = with.request("POST /api/support/tickets", R"({"subject":"a","body":"b"})");
  auto client = with.client();
  REQUIRE(client.send(ask + ask));
  client.finish_sending();
  for (int i = 0; i < 2; ++i) {
    const auto got = client.read();
    REQUIRE(got);
    CHECK(got->status == 201);
  }
  CHECK(client.is_closed());
  // Half a request will never be a whole one.
  for (const auto part : {ask.size() / 2, ask.size() - 1}) {
    auto cut = with.client();
    REQUIRE(cut.send(ask.substr(0, part)));
    cut.finish_sending();
    CHECK(cut.is_closed());
  }
  CHECK(eventually([&] { return with.server.connections() == 0; }));
}

TEST_CASE("garbage bytes are 400 and the end of the connection, whatever they are") {
  server_fixture with;
  std::uint64_t state = 20260613;
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (int i = 0; i < 64; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      bytes += static_cast<char>(state >> 56U);
    }
    CAPTURE(round);
    auto client = with.client();
    client.send(bytes);
    client.finish_sending();
    // Garbage without an end may look like the begin of a header; then the closed socket is its end.
    if (const auto got = client.read()) CHECK(got->status == 400);
    CHECK(client.is_closed());
  }
  CHECK(eventually([&] { return with.server.connections() == 0; }));
  CHECK(with.client().ask(live)->status == 200);
}
