// PostgreSQL stops for ten seconds and comes back, under load.
#include <catch2/catch_test_macros.hpp>

#include "tests/support/ledger_check.hpp"
#include "tests/support/pg_cluster.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

const std::vector<std::string> nothing;

constexpr auto outage = 10s;
/// A request's time limit, and a second for a busy machine.
constexpr long answer_ms_max = 11'000;

/// COMMIT of a marked ticket takes a minute.
constexpr std::string_view hang_sql = R"(
  create function usher.hang() returns trigger language plpgsql as $$
  begin
    perform pg_sleep(60);
    return null;
  end $$;
  create constraint trigger hang after insert on usher.support_tickets deferrable initially deferred
    for each row when (new.subject like 'HANG%') execute function usher.hang();
)";

/// Ready ten times in a row, a tenth of a second apart: a lane says so for an instant while it finds out what became of
/// a commit.
bool is_steadily_ready(desk& d) {
  auto watcher = d.as("agent", "watcher");
  int in_a_row = 0;
  return wait_until(
      [&] {
        in_a_row = watcher.get("/readyz").status == 200 ? in_a_row + 1 : 0;
        return in_a_row == 10;
      },
      10s, 100ms);
}

}  // namespace

TEST_CASE("outage: PostgreSQL is away for ten seconds, under load") {
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
  CHECK(differences(d, ledger) == nothing);
  CHECK(d.server.stop() == 0);
}

TEST_CASE("outage: a COMMIT that hangs and comes to nothing is answered in time, and the desk goes on") {
  desk d;
  auto customer = d.customer();
  CHECK(create(customer, "Before").text("/status") == "open");
  auto database = d.database();
  database->run(std::string(hang_sql));
  const std::string body = R"({"subject":"HANG","body":"b"})";
  const header_list key{{"Idempotency-Key", "hang"}};

  auto since = steady::now();
  auto answer = customer.post(tickets_path, body, key);
  CHECK(answer.status == 503);
  CHECK(answer.header("retry-after"));
  CHECK(steady::now() - since <= std::chrono::milliseconds{answer_ms_max});
  // No write may come before the outcome is settled: the next one would set a stuck lane going again.
  auto hanging = [&] {
    return database->count("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") > 0;
  };
  REQUIRE(wait_until([&] { return !hanging(); }, 20s));
  CHECK(is_steadily_ready(d));
  CHECK(create(customer, "After").text("/status") == "open");
  // Waits for the transaction that hangs, should it still be there.
  database->run("drop trigger hang on usher.support_tickets");
  CHECK(customer.post(tickets_path, body, key).status == 201);
  CHECK(database->count("select count(*) from usher.support_tickets where subject = 'HANG'") == 1);
}
