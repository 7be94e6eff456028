// PostgreSQL stops for ten seconds and comes back, under load.
#include <catch2/catch_test_macros.hpp>

#include "tests/support/load.hpp"
#include "tests/support/pg_cluster.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

constexpr auto outage = 10s;
/// A request's time limit, and a second for a busy machine.
constexpr long answer_ms_max = 11'000;

}  // namespace

TEST_CASE("outage: PostgreSQL is away for ten seconds, under load", "[.outage]") {
  pg_cluster cluster;
  desk d(cluster.connection_string());
  auto watcher = d.as("agent", "watcher");
  load busy(d, 8, 7);
  REQUIRE(busy.wait_for_progress(200, 30s));

  cluster.stop();
  auto stopped = steady::now();
  REQUIRE(wait_until([&] { return watcher.get("/readyz").status == 503; }, 5s));
  CHECK(watcher.get("/livez").status == 200);
  auto fresh = watcher.get(std::string(tickets_path) + "?limit=1");
  CHECK(fresh.status == 503);
  CHECK(fresh.header("retry-after"));
  std::this_thread::sleep_until(stopped + outage);
  CHECK(busy.refused > 0);
  cluster.start();
  CHECK(d.server.wait_ready(10s));
  CHECK(busy.wait_for_progress(200, 30s));

  auto ledger = busy.finish();
  CHECK(busy.cut == 0);
  CHECK(busy.refused_without_retry_after == 0);
  CHECK(busy.longest_ms <= answer_ms_max);
  CHECK(d.server.is_running());
  check_ledger(d, ledger);
  CHECK(d.server.stop() == 0);
}
