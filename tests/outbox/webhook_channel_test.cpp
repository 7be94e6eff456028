// Webhooks against a server that accepts, refuses, rate-limits, hangs, closes early, drips and answers nonsense.
#include <future>
#include <latch>

#include "tests/outbox/outbox_fixture.hpp"

using namespace usher::test;

namespace {

delivery_result after_answer(const std::string& bytes) {
  local_server server(answering(bytes));
  return deliver_to(server.url());
}

std::chrono::steady_clock::duration time_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

TEST_CASE("webhook: what the receiver gets", "[outbox]") {
  local_server server(answering(response(204)));
  const auto what = hook_to(server.url() + "/hooks/1?tenant=2#here");
  fixed_clock clock;
  const auto result = make_webhook_channel({loopback_allowed(), patient}, clock)->deliver(what);
  CHECK(result.what == outcome::delivered);
  CHECK(result.http_status == 204);
  CHECK_FALSE(result.is_channel_failure());
  REQUIRE(server.requests().size() == 1);
  const auto got = server.requests().front();
  CHECK(got.method == "POST");
  CHECK(got.target == "/hooks/1?tenant=2");
  CHECK(got.body == what.payload);
  CHECK(got.header("host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.header("webhook-id") == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(got.header("webhook-timestamp") == "1781377200");
  CHECK(got.header("webhook-signature") == sign(what.secrets, got.header("webhook-id"), 1781377200, what.payload));
  CHECK(got.headers.contains("user-agent"));
  CHECK_FALSE(got.headers.contains("expect"));
  CHECK_FALSE(got.headers.contains("authorization"));
}

TEST_CASE("webhook: every answer has its outcome", "[outbox]") {
  for (int status : {200, 201, 202, 204, 299}) {
    CAPTURE(status);
    CHECK(after_answer(response(status)).what == outcome::delivered);
  }
  for (int status : {300, 304, 400, 401, 403, 404, 409, 422, 429, 451, 500, 502, 503, 504, 599}) {
    CAPTURE(status);
    const auto result = after_answer(response(status));
    CHECK(result.what == outcome::retry);
    CHECK(result.is_channel_failure());
    CHECK(result.http_status == status);
    CHECK_FALSE(result.retry_after);
  }
  CHECK(after_answer(response(410)).what == outcome::gone);
}

TEST_CASE("webhook: an early hint is not the answer", "[outbox]") {
  CHECK(after_answer("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + response(503)).http_status == 503);
  CHECK(after_answer("HTTP/1.1 100 Continue\r\n\r\n" + response(200)).what == outcome::delivered);
  const auto alone = after_answer("HTTP/1.1 103 Early Hints\r\n\r\n");
  CHECK(alone.what == outcome::retry);
  CHECK(alone.http_status == 0);
}

TEST_CASE("webhook: Retry-After is taken in seconds and as a date, up to a day", "[outbox]") {
  for (int status : {429, 503}) {
    CHECK(after_answer(response(status, "Retry-After: 120\r\n")).retry_after == 120s);
    CHECK(after_answer(response(status, "retry-after: 999999999\r\n")).retry_after == retry_after_max);
    CHECK(after_answer(response(status, "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n")).retry_after ==
          retry_after_max);
  }
  for (const char* value : {"soon", "-5", "0", "Thu, 01 Jan 1970 00:00:00 GMT", ""}) {
    CAPTURE(value);
    const auto result = after_answer(response(503, "Retry-After: " + std::string(value) + "\r\n"));
    CHECK(result.what == outcome::retry);
    CHECK_FALSE(result.retry_after);
  }
}

TEST_CASE("webhook: a redirect is a failure and is not followed", "[outbox]") {
  local_server elsewhere(answering(response(200)));
  for (int status : {301, 302, 303, 307, 308}) {
    CAPTURE(status);
    const auto result = after_answer(response(status, "Location: " + elsewhere.url() + "/\r\n"));
    CHECK(result.what == outcome::retry);
    CHECK(result.http_status == status);
  }
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("webhook: nobody listens", "[outbox]") {
  dead_port nobody;
  const auto result = deliver_to(nobody.url());
  CHECK(result.what == outcome::retry);
  CHECK(result.http_status == 0);
  CHECK_FALSE(result.detail.empty());
}

TEST_CASE("webhook: a server that hangs, drips or never stops is left by the deadline", "[outbox]") {
  const local_server::handler stuck[] = {
      [](connection& c) { c.wait_for_close(); },
      [](connection& c) {
        c.read_request();
        c.wait_for_close();
      },
      [](connection& c) {
        c.read_request();
        for (char next : std::string("HTTP/1.1 200 OK\r\nX-Drip: ") + std::string(100'000, 'x')) {
          if (!c.send({&next, 1}) || c.closed_within(20)) return;
        }
      },
      [](connection& c) {
        c.read_request();
        while (c.send("HTTP/1.1 102 Processing\r\n\r\n") && !c.closed_within(20)) {
        }
      }};
  for (std::size_t i = 0; i < std::size(stuck); ++i) {
    CAPTURE(i);
    local_server server(stuck[i]);
    delivery_result result;
    const auto took = time_of([&] { result = deliver_to(server.url(), hasty); });
    CHECK(result.what == outcome::retry);
    CHECK(result.http_status == 0);
    CHECK(took >= 250ms);
    CHECK(took < 10s);
  }
}

TEST_CASE("webhook: once the headers are there the receiver has decided", "[outbox]") {
  local_server drips([](connection& c) {
    c.read_request();
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (c.send("x") && !c.closed_within(20)) {
    }
  });
  CHECK(deliver_to(drips.url(), hasty).what == outcome::delivered);
  CHECK(after_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort").what == outcome::delivered);
  CHECK(after_answer("HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\n").what == outcome::gone);
  CHECK(after_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n").what == outcome::delivered);
}

TEST_CASE("webhook: a server that closes early or resets", "[outbox]") {
  const local_server::handler rude[] = {[](connection&) {}, [](connection& c) { c.read_request(); },
                                        [](connection& c) {
                                          c.read_request();
                                          c.reset();
                                        },
                                        [](connection& c) {
                                          c.read_request();
                                          c.send("HTTP/1.1 200 OK\r\nContent-Le");
                                        },
                                        [](connection& c) {
                                          c.read_request();
                                          c.send("HTTP/1.1 ");
                                        }};
  for (std::size_t i = 0; i < std::size(rude); ++i) {
    CAPTURE(i);
    local_server server(rude[i]);
    const auto result = deliver_to(server.url());
    CHECK(result.what == outcome::retry);
    CHECK(result.http_status == 0);
    CHECK_FALSE(result.detail.empty());
  }
}

TEST_CASE("webhook: what is not HTTP is not an answer", "[outbox]") {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2p1\r\n"), std::string("{\"ok\":true}"), std::string("<html></html>"),
        std::string("\0\1\2\3\r\n\r\n", 8), std::string("HTTP/9.9 200 OK\r\n\r\n"),
        std::string("HTTP/1.1 2x0 OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\n" + std::string(200'000, 'h') + "\r\n\r\n"), std::string("\r\n\r\n\r\n")}) {
    CAPTURE(bytes.substr(0, 30));
    CHECK(after_answer(bytes).what == outcome::retry);
  }
}

TEST_CASE("webhook: headers without end are cut off", "[outbox]") {
  local_server server([](connection& c) {
    c.read_request();
    c.send("HTTP/1.1 200 OK\r\n");
    while (c.send("X-Filler: " + std::string(1000, 'f') + "\r\n")) {
    }
  });
  const auto result = deliver_to(server.url());
  CHECK(result.what == outcome::retry);
  CHECK(result.http_status == 0);
}

TEST_CASE("webhook: a huge body is not read", "[outbox]") {
  std::atomic<std::size_t> sent = 0;
  local_server server([&](connection& c) {
    c.read_request();
    c.send("HTTP/1.1 500 Oops\r\nContent-Length: 100000000000\r\n\r\n");
    const std::string block(64 * 1024, 'b');
    while (sent < 200 * block.size() && c.send(block)) sent += block.size();
  });
  const auto result = deliver_to(server.url());
  CHECK(result.what == outcome::retry);
  CHECK(result.http_status == 500);
  CHECK(result.detail.size() <= detail_bytes_max);
  CHECK(sent < 200 * 64 * 1024);
}

TEST_CASE("webhook: the record of a try is one line of printable text", "[outbox]") {
  const auto result = after_answer(response(500, "", std::string("no\r\nway \0\x1b[31m\xff ü", 18)));
  CHECK(result.detail.starts_with("HTTP 500: no  way ??[31m?"));
  for (char c : result.detail) CHECK((c >= 0x20 && c <= 0x7e));
  CHECK(after_answer(response(500, "", std::string(5000, 'x'))).detail.size() <= detail_bytes_max);
}

TEST_CASE("webhook: a try ends soon after it was asked to", "[outbox]") {
  std::latch arrived(1);
  local_server server([&](connection& c) {
    c.read_request();
    arrived.count_down();
    c.wait_for_close();
  });
  fixed_clock clock;
  const auto channel = make_webhook_channel({loopback_allowed(), {5s, 300s, 65536}}, clock);
  std::stop_source stop;
  auto result =
      std::async(std::launch::async, [&] { return channel->deliver(hook_to(server.url()), stop.get_token()); });
  arrived.wait();
  const auto took = time_of([&] {
    stop.request_stop();
    result.wait();
  });
  CHECK(result.get().what == outcome::retry);
  CHECK(took < 30s);
}

TEST_CASE("webhook: without a secret nothing is sent", "[outbox]") {
  local_server server(answering(response(200)));
  fixed_clock clock;
  auto what = hook_to(server.url());
  what.secrets.clear();
  CHECK(make_webhook_channel({loopback_allowed(), patient}, clock)->deliver(what).what == outcome::rejected);
  CHECK(server.connections() == 0);
}

TEST_CASE("webhook: many at once through one channel", "[outbox]") {
  local_server server(answering(response(200)));
  fixed_clock clock;
  const auto channel = make_webhook_channel({loopback_allowed(), patient}, clock);
  std::vector<std::future<delivery_result>> all;
  for (int i = 0; i < 24; ++i) {
    all.push_back(std::async(std::launch::async, [&] { return channel->deliver(hook_to(server.url())); }));
  }
  for (auto& one : all) CHECK(one.get().what == outcome::delivered);
  CHECK(server.requests().size() == 24);
}

TEST_CASE("webhook: IPv6", "[outbox]") {
  local_server server(answering(response(200)), true);
  CHECK(deliver_to(server.url()).what == outcome::delivered);
}
