// What others count and measure of the same server.
#include <regex>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/loadtest/small_run.hpp"
#include "tests/support/child_process.hpp"

using namespace usher::load;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

double figure(const std::string& text, const std::string& pattern) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(pattern))) return -1;
  return std::stod(found[1]);
}

measured_answer quick(const measured_request&, std::uint64_t) { return {}; }
measured_answer after_30_ms(const measured_request&, std::uint64_t) { return {.delay = 30ms}; }

}  // namespace

TEST_CASE("counts: h2load, wrk and the harness each agree with the server, request by request") {
  measured_server server(quick);
  auto h2load = run({"h2load", "--h1", "-n", "3000", "-c", "8", server.url() + "/h2load"});
  CAPTURE(h2load.out, h2load.err);
  REQUIRE(h2load.code == 0);
  CHECK(figure(h2load.out, R"((\d+) succeeded)") == 3000);
  CHECK(server.count("/h2load") == 3000);

  auto wrk = run({"wrk", "-t1", "-c4", "-d1s", server.url() + "/wrk"});
  CAPTURE(wrk.out, wrk.err);
  REQUIRE(wrk.code == 0);
  // wrk leaves with what its connections have on their way.
  auto counted = figure(wrk.out, R"((\d+) requests in)");
  CHECK(counted <= static_cast<double>(server.count("/wrk")));
  CHECK(counted >= static_cast<double>(server.count("/wrk")) - 4);

  auto ours = play(server, steady_load("/ours", 1000, "3s"));
  CHECK(server.count("/ours") == 3000);
  CHECK(ours.total.sum().requests() == 3000);
  CHECK(ours.total.sum().by_status.at(200) == 3000);
}

TEST_CASE("counts: h2load, wrk and the harness measure the same delay") {
  measured_server server(after_30_ms);
  auto h2load = run({"h2load", "--h1", "-n", "400", "-c", "10", server.url() + "/h2load"});
  CAPTURE(h2load.out);
  // "time for request:    30.07ms     41.22ms     30.96ms ": least, most, mean
  auto of_h2load = figure(h2load.out, R"(time for request:\s+\S+\s+\S+\s+([\d.]+)ms)");
  auto wrk = run({"wrk", "-t1", "-c10", "-d2s", "--latency", server.url() + "/wrk"});
  CAPTURE(wrk.out);
  auto of_wrk = figure(wrk.out, R"(50%\s+([\d.]+)ms)");
  auto r = play(server, steady_load("/ours", 200, "2s"));
  auto ours = r.total.sum();
  CHECK(of_h2load >= 30);
  CHECK(of_wrk >= 29.9);
  CHECK(in_milliseconds(ours.service.quantile(0.5)) >= 29.8);
  if (!in_time(r)) return;
  CHECK(in_milliseconds(ours.service.quantile(0.5)) == Catch::Approx(of_wrk).margin(30));
  CHECK(in_milliseconds(ours.service.quantile(0.5)) == Catch::Approx(of_h2load).margin(60));
}
