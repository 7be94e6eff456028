// Events as a client gets them, byte by byte.
#include <catch2/catch_test_macros.hpp>

#include "server_fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

const std::string path = "GET /api/support/events";

std::string ask(const server_fixture& f, const std::string& query = "", const std::string& headers = "",
                domain::role role = domain::role::agent) {
  return f.request(path + query, "", headers, role);
}

}  // namespace

TEST_CASE("a stream of events has no length, says where it begins, and tells each event in a block") {
  server_fixture f;
  auto c = f.client();
  auto answer = c.ask(ask(f, "?types=ticket.created,clock.breached"));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(answer->header("content-length").empty());
  CHECK(answer->header("content-encoding").empty());
  CHECK(answer->header("connection") == "close");
  CHECK(answer->header("cache-control") == "no-store");
  CHECK(c.read_block() == "retry: 2000\nid: 1000-0");
  CHECK(f.desk.followed.types.size() == 2);
  f.desk.events->tell("1001-7", domain::event_type::ticket_created, R"({"a":1})");
  CHECK(c.read_block() == "id: 1001-7\nevent: ticket.created\ndata: {\"a\":1}");
  f.desk.events->tell("1001-8", domain::event_type::clock_breached, "{}");
  f.desk.events->tell("1001-9", domain::event_type::clock_breached, "{}");
  CHECK(c.read_block() == "id: 1001-8\nevent: clock.breached\ndata: {}");
  CHECK(c.read_block() == "id: 1001-9\nevent: clock.breached\ndata: {}");
  f.desk.events->close();
  CHECK(c.is_closed());
  CHECK(f.watcher.count == 1);
}

TEST_CASE("a stream goes on from Last-Event-ID, and a place that is none is refused") {
  server_fixture f;
  auto c = f.client();
  CHECK(c.ask(ask(f, "", "Last-Event-ID: 900-3\r\n"))->status == 200);
  CHECK(c.read_block() == "retry: 2000\nid: 900-3");
  auto other = f.client();
  CHECK(other.ask(ask(f, "", "Last-Event-ID: nonsense\r\n"))->status == 400);
  CHECK(f.client().ask(ask(f, "?types=lost"))->status == 400);
  CHECK(f.client().ask(ask(f, "?ticket_id=17"))->status == 400);
  CHECK(f.client().ask(ask(f, "", "", domain::role::requester))->status == 403);
}

TEST_CASE("a quiet stream says that it lives") {
  auto bounds = server_fixture::fast_limits();
  bounds.event_beat = std::chrono::milliseconds(50);
  server_fixture f(bounds);
  auto c = f.client();
  REQUIRE(c.ask(ask(f)));
  CHECK(c.read_block() == "retry: 2000\nid: 1000-0");
  CHECK(c.read_block() == ":");
  CHECK(c.read_block() == ":");
}

TEST_CASE("a follower who hangs up is let go, without an event or a heartbeat") {
  server_fixture f;
  {
    auto c = f.client();
    REQUIRE(c.ask(ask(f)));
    REQUIRE(c.read_block());
    CHECK(f.server.connections() == 1);
  }
  CHECK(eventually([&] { return f.server.connections() == 0; }));
}

TEST_CASE("a drain ends the streams between two events") {
  server_fixture f;
  auto c = f.client();
  REQUIRE(c.ask(ask(f)));
  REQUIRE(c.read_block());
  CHECK(f.server.drain(std::chrono::seconds(5)));
  CHECK(c.is_closed());
}

TEST_CASE("a follower who doesn't read is cut, not waited for") {
  auto bounds = server_fixture::fast_limits();
  bounds.write_timeout = std::chrono::milliseconds(200);
  server_fixture f(bounds);
  auto c = f.client();
  REQUIRE(c.ask(ask(f)));
  const std::string long_payload(1 << 20, 'x');
  CHECK(eventually([&] {
    f.desk.events->tell("1-1", domain::event_type::ticket_updated, long_payload);
    return f.server.connections() == 0;
  }));
}

TEST_CASE("HEAD of the stream is its header") {
  server_fixture f;
  auto c = f.client();
  auto answer = c.ask(f.request("HEAD /api/support/events", "", "", domain::role::agent), true);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(c.is_closed());
}
