// The harness against a whole desk: nothing that was acknowledged is missing, in the API and in the database.
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/child_process.hpp"
#include "tests/support/desk.hpp"

using namespace usher::test;

TEST_CASE("load: the smoke scenario runs against a desk, and what it acknowledged is in the database") {
  desk d;
  temp_dir out;
  auto summary = (out.path() / "summary.json").string();
  auto database = "host=" + (d.server.data() / "run").string() + " port=5432 user=postgres dbname=usher";
  // The scenario's limits of time are for a machine of one's own; here only what must never happen counts.
  auto scenario = (out.path() / "smoke.toml").string();
  auto shipped = run({USHER_LOAD_BINARY, "show", "smoke"});
  REQUIRE(shipped.code == 0);
  auto text = shipped.out;
  auto from = text.find("thresholds = [");
  text.replace(from, text.find("]\n\n", from) + 1 - from,
               "thresholds = [\"lost == 0\", \"errors < 1%\", \"dropped == 0\"]");
  std::ofstream(scenario) << text;
  auto done =
      run({USHER_LOAD_BINARY, "run", scenario, "--target",
           "http://127.0.0.1:" + std::to_string(d.server.where()->load()), "--tokens-from", d.server.data().string(),
           "--duration", "8s", "--scale", "2", "--summary", summary, "--database", database},
          std::chrono::seconds{120});
  CAPTURE(done.out, done.err);
  REQUIRE(done.code == 0);
  json told(read_file(summary));
  CHECK(told.number("/kept/tickets") > 50);
  CHECK(told.truth("/kept/looked_in_database"));
  CHECK(told.number("/kept/lost") == 0);
  CHECK(told.number("/all/outcomes/cut") == 0);
  // The server's counters may be a moment behind its answers, never ahead of them.
  CHECK(told.number("/server/requests") <= told.number("/all/requests"));
  CHECK(told.number("/server/requests") >= told.number("/all/requests") - 20);
  CHECK(told.number("/server/created") <= told.number("/kept/tickets"));
  CHECK(told.number("/server/created") >= told.number("/kept/tickets") - 20);
  CHECK(d.database()->count("select count(*) from usher.support_tickets") == told.number("/kept/tickets"));
}
