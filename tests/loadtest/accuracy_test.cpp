// What the harness measures of a server whose delays are known. Other programs share the processors, so measured times
// may exceed the true ones: they are never below them, and bounds from above leave room and hold for a generator in
// time.
#include <catch2/catch_test_macros.hpp>

#include "tests/loadtest/small_run.hpp"

using namespace usher::load;
using namespace usher::test;
using namespace std::chrono_literals;

TEST_CASE("accuracy: a constant delay is every percentile") {
  measured_server server([](const measured_request&, std::uint64_t) { return measured_answer{.delay = 25ms}; });
  auto r = play(server, steady_load("/slow", 200, "3s"));
  auto all = r.total.sum();
  REQUIRE(all.requests() == 600);
  CHECK(all.by_outcome[0] == 600);
  CHECK(all.duration.min() >= 25ms);
  if (in_time(r)) CHECK(all.duration.quantile(0.5) < 60ms);
  CHECK(all.service.min() >= 25ms);
  CHECK(server.count("/slow") == 600);
}

TEST_CASE("accuracy: percentiles tell the slow tenth from the quick rest") {
  measured_server server(
      [](const measured_request&, std::uint64_t n) { return measured_answer{.delay = n % 10 == 0 ? 300ms : 2ms}; });
  auto r = play(server, steady_load("/mixed", 200, "5s"));
  auto all = r.total.sum();
  REQUIRE(all.requests() == 1000);
  CHECK(all.duration.quantile(0.5) >= 2ms);
  if (in_time(r)) {
    CHECK(all.duration.quantile(0.5) < 100ms);
    CHECK(all.duration.quantile(0.75) < 250ms);
  }
  CHECK(all.duration.quantile(0.92) >= 297ms);
  CHECK(all.duration.mean() >= 31ms);
}

TEST_CASE("accuracy: a stall of a second at 1,000 a second shows as what a thousand people waited") {
  measured_server server(
      [](const measured_request&, std::uint64_t n) { return measured_answer{.stall = n == 1500 ? 1000ms : 0ms}; });
  auto r = play(server, steady_load("/stalls", 1000, "5s", "[limits]\nconnections = 16"));
  auto all = r.total.sum();
  REQUIRE(all.requests() == 5000);
  CHECK(all.by_outcome[0] == 5000);
  // A fifth of all were planned during the stall, and waited for what was left of it: from one second down to nothing.
  CHECK(all.duration.quantile(0.85) >= 200ms);
  CHECK(all.duration.quantile(0.90) >= 450ms);
  CHECK(all.duration.quantile(0.95) >= 700ms);
  CHECK(all.duration.quantile(0.99) >= 900ms);
  CHECK(all.duration.max() >= 990ms);
  // A client that measures from the sending on has only those sixteen that were on their way.
  CHECK(all.service.max() >= 990ms);
  CHECK(all.service.quantile(0.95) < all.duration.quantile(0.95) / 2);
  if (in_time(r)) {
    CHECK(all.duration.quantile(0.5) < 300ms);
    CHECK(all.duration.max() < 3s);
    CHECK(all.service.quantile(0.95) < 300ms);
  }
}

TEST_CASE("accuracy: think time is not latency, and a journey's second step counts from when it was planned") {
  measured_server server([](const measured_request&, std::uint64_t) { return measured_answer{.delay = 10ms}; });
  auto r = play(server,
                "arrivals = \"even\"\nmetrics = \"\"\n[cast]\norganizations = 0\ncustomers = 0\n"
                "[[stages]]\nduration = \"2s\"\nrate = 50\n[[stages]]\nname = \"rest\"\nduration = \"3s\"\nrate = 0\n"
                "[[journeys]]\nname = \"two\"\nsteps = [{ do = \"request\", name = \"first\", target = \"/a\" },\n"
                "{ do = \"request\", name = \"second\", target = \"/b\", think = \"400ms\" }]\n");
  CHECK(server.count("/a") == 100);
  CHECK(server.count("/b") == 100);
  auto all = r.total.sum();
  CHECK(all.requests() == 200);
  if (in_time(r)) CHECK(all.duration.quantile(0.5) < 200ms);
  CHECK(r.total.journeys == 100);
}

TEST_CASE("accuracy: kinds of answers are told apart") {
  measured_server server([](const measured_request& request, std::uint64_t n) {
    if (request.target == "/metrics") return measured_answer{.status = 404};
    switch (n % 8) {
      case 0:
        return measured_answer{.status = 429};
      case 1:
        return measured_answer{.status = 503};
      case 2:
        return measured_answer{.status = 500};
      case 3:
        return measured_answer{.cut = true};
      case 4:
        return measured_answer{.delay = 30s};
      default:
        return measured_answer{};
    }
  });
  auto r = play(server, steady_load("/kinds", 80, "2s", "[limits]\ntimeout = \"2s\""));
  auto all = r.total.sum();
  auto of = [&](outcome o) { return all.by_outcome[static_cast<std::size_t>(o)]; };
  // A kept connection that is cut before a byte came is tried once more; the numbers are the server's view then.
  auto seen = server.count("/kinds");
  CHECK(seen >= 160);
  CHECK(all.requests() == 160);
  CHECK(of(outcome::planned) + of(outcome::refused) + of(outcome::unplanned) + of(outcome::timed_out) +
            of(outcome::cut) ==
        160);
  CHECK(of(outcome::refused) >= 20);
  CHECK(of(outcome::unplanned) >= 15);
  CHECK(of(outcome::timed_out) >= 15);
  CHECK(all.by_status[500] == of(outcome::unplanned));
  CHECK(all.by_status[429] + all.by_status[503] == of(outcome::refused));
  CHECK(all.duration.max() >= 2s);
}

TEST_CASE("accuracy: a server that is not there is cut off from every request, not a crash") {
  unsigned short port = 0;
  {
    port = measured_server([](const auto&, std::uint64_t) { return measured_answer{}; }).port();
  }
  run_options options;
  options.url = "http://127.0.0.1:" + std::to_string(port);
  options.where = *parse_target(options.url, false);
  options.what = parse_scenario(steady_load("/", 100, "1s"), "test");
  load_run run(std::move(options), {[](const std::string&) {}, [](const live_state&) {}});
  run.play();
  auto all = run.result().total.sum();
  CHECK(all.by_outcome[static_cast<std::size_t>(outcome::cut)] == 100);
}

TEST_CASE("accuracy: journeys beyond the limit are dropped and counted, never queued") {
  measured_server server([](const measured_request&, std::uint64_t) { return measured_answer{.delay = 10s}; });
  auto r = play(server, steady_load("/stuck", 500, "1s", "[limits]\nin_flight = 100\ntimeout = \"4s\""));
  CHECK(r.total.journeys == 100);
  CHECK(r.total.dropped == 400);
  CHECK(r.generator.words.find("400 journeys were dropped") != std::string::npos);
}

TEST_CASE("accuracy: two threads play the same plan") {
  measured_server server([](const measured_request&, std::uint64_t) { return measured_answer{}; });
  auto r = play(server, steady_load("/two", 500, "2s"), 2);
  CHECK(server.count("/two") == 1000);
  CHECK(r.total.sum().requests() == 1000);
  CHECK(r.total.journeys == 1000);
}
