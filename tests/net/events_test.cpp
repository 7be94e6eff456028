// Events as a client gets them, byte by byte.
#include <catch2/catch_test_macros.hpp>

#include "domain/api_key_change.hpp"
#include "net/api_key_text.hpp"
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

TEST_CASE("a stream ends with the right to it") {
  server_fixture f;
  const auto read_to_end = [](auto& c) {
    std::string last;
    while (auto block = c.read_block()) last = *block;
    return last;
  };
  const std::string end = "event: end\ndata: {}";
  const auto follow = [](auto& c, const std::string& token) {
    const auto answer =
        c.ask("GET /api/support/events HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
  };
  SECTION("its token runs out") {
    using namespace std::chrono_literals;
    const domain::caller who{"u1", domain::role::agent, std::nullopt};
    auto c = f.client();
    // Good for some seconds more, its leeway among them.
    follow(c, net::sign_token(f.key, who, f.clock.now() - 1h, 1h - 26s));
    CHECK(read_to_end(c) == end);
  }
  SECTION("keys are replaced") {
    auto c = f.client();
    follow(c, f.token(domain::role::agent));
    f.verifier.replace({net::jwt_key::from_secret("another secret of at least 32 bytes").value()});
    CHECK(read_to_end(c) == end);
  }
  SECTION("the key of a machine is revoked, while events come") {
    const auto text = net::make_api_key();
    domain::api_key made;
    made.id = domain::api_key_id::generate();
    made.name = "Machine";
    made.hash = text.hash;
    made.role = domain::role::agent;
    made.scopes = {domain::key_scope::read};
    const auto change = [&](auto edit) {
      settings_request what;
      what.edit = std::move(edit);
      what.done = domain::completion<domain::settings_ptr>([](auto done) { REQUIRE(done.has_value()); });
      f.desk.change_settings(std::move(what));
    };
    change([&](const domain::desk_settings& now) { return add_api_key(now, made); });
    auto c = f.client();
    follow(c, text.text);
    change([&](const domain::desk_settings& now) { return remove_api_key(now, made.id); });
    std::string last;
    CHECK(eventually([&] {
      f.desk.events->tell("1-1", domain::event_type::ticket_updated, "{}");
      last = c.read_block().value_or("closed");
      return last == end || last == "closed";
    }));
    CHECK(last == end);
    CHECK(c.is_closed());
  }
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
