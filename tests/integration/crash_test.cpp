// kill -9 at random moments, under load: nothing that was acknowledged is lost, nothing is there twice.
#include <cstdlib>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/ledger_check.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

const std::vector<std::string> nothing;

constexpr int writers = 8;
constexpr int rounds_default = 21;
constexpr int cases = 3;

/// Of each case; `USHER_CRASH_ROUNDS` is for all of them together.
int rounds_of_a_case() {
  const char* wanted = std::getenv("USHER_CRASH_ROUNDS");
  int all = wanted == nullptr ? rounds_default : std::max(cases, std::atoi(wanted));
  return (all + cases - 1) / cases;
}

/// `USHER_CRASH_SEED` repeats a run.
unsigned seed() {
  const char* wanted = std::getenv("USHER_CRASH_SEED");
  return wanted == nullptr ? std::random_device{}() : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

void kill_the_server(desk& d, std::mt19937&) {
  d.server.kill_server();
  d.server.start();
}

void kill_the_database(desk& d, std::mt19937&) {
  auto before = d.server.postmaster();
  REQUIRE(before);
  REQUIRE(d.server.kill_database());
  REQUIRE(wait_until(
      [&] {
        auto now = d.server.postmaster();
        return now && now != before;
      },
      10s));
  REQUIRE(d.server.wait_ready(20s));
  REQUIRE(d.server.is_running());
}

void kill_both(desk& d, std::mt19937& random) {
  bool database_first = std::uniform_int_distribution{0, 1}(random) == 0;
  if (database_first) d.server.kill_database();
  d.server.kill_server();
  if (!database_first) d.server.kill_database();
  d.server.start();
}

void crash(void (*kill)(desk&, std::mt19937&)) {
  unsigned drawn = seed();
  CAPTURE(drawn);
  std::mt19937 random(drawn);
  desk d;
  load busy(d, writers, drawn);
  int rounds = rounds_of_a_case();
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    REQUIRE(busy.wait_for_progress(std::uniform_int_distribution{1, 150}(random), 30s));
    std::this_thread::sleep_for(std::chrono::milliseconds{std::uniform_int_distribution{0, 300}(random)});
    kill(d, random);
  }
  REQUIRE(busy.wait_for_progress(50, 30s));
  auto ledger = busy.finish();
  CHECK(differences(d, ledger) == nothing);
  // What the last start makes of it has to be the same again.
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  CHECK(differences(d, ledger) == nothing);
}

}  // namespace

TEST_CASE("crash: kill -9 of the server, under load") { crash(kill_the_server); }

TEST_CASE("crash: kill -9 of PostgreSQL, under load") { crash(kill_the_database); }

TEST_CASE("crash: kill -9 of both, under load") { crash(kill_both); }
