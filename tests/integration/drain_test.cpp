// SIGTERM under load: what was acknowledged is there, the exit is clean and in time, and so is the next start.
#include <csignal>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/ledger_check.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

const std::vector<std::string> nothing;

}  // namespace

TEST_CASE("drain: SIGTERM under load") {
  desk d;
  load busy(d, 8, 11);
  REQUIRE(busy.wait_for_progress(300, 30s));
  auto since = steady::now();
  auto code = d.server.stop(15s);
  auto took = steady::now() - since;
  auto ledger = busy.give_up();
  REQUIRE(code);
  CHECK(*code == 0);
  CHECK(took < 10s);
  CHECK_FALSE(d.server.postmaster());
  CHECK(busy.refused_without_retry_after == 0);
  auto log_before = d.server.log().size();
  d.server.start();
  auto log = d.server.log().substr(log_before);
  // A clean stop leaves nothing to recover and nothing to complain about.
  CHECK(log.find("was not properly shut down") == std::string::npos);
  CHECK(log.find("\"level\":\"error\"") == std::string::npos);
  CHECK(differences(d, ledger) == nothing);
}

TEST_CASE("drain: SIGINT, and a second start serves the same") {
  desk d;
  auto customer = d.customer();
  auto id = create(customer, "Same").text("/id");
  auto before = json(customer.get(path_of(id)).body);
  d.server.signal(SIGINT);
  REQUIRE(wait_until([&] { return !d.server.is_running(); }, 10s));
  d.server.start();
  auto after = json(customer.get(path_of(id)).body);
  for (const char* member : {"/id", "/subject", "/created_at", "/updated_at", "/sla/0/due_at", "/sla/1/due_at"})
    CHECK(after.text(member) == before.text(member));
  CHECK(after.number("/version") == before.number("/version"));
  CHECK(after.number("/number") == before.number("/number"));
  CHECK(create(customer, "Next").number("/number") > before.number("/number"));
}

TEST_CASE("drain: an idle desk stops at once, with connections open") {
  desk d;
  std::vector<person> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(d.as("agent"));
    REQUIRE(idle.back().get("/livez").status == 200);
  }
  auto since = steady::now();
  CHECK(d.server.stop() == 0);
  CHECK(steady::now() - since < 5s);
}

TEST_CASE("drain: SIGTERM before the desk listens ends it with 0, and the database with it") {
  desk d;
  temp_dir out;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    REQUIRE(d.server.stop() == 0);
    const auto log = out.path() / std::to_string(round);
    child_process child({USHER_BINARY, "serve", "--listen", "127.0.0.1:0", "--data", d.server.data().string()}, log,
                        log);
    REQUIRE(wait_until([&] { return read_file(log).find("takes connections") != std::string::npos; }, 30s, 1ms));
    child.signal(SIGTERM);
    CHECK(child.wait(10s) == 0);
    CHECK(wait_until([&] { return !d.server.postmaster(); }, 10s));
    d.server.start();
  }
}

TEST_CASE("drain: SIGTERM before the desk is ready ends it with 0 too") {
  desk d;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    REQUIRE(d.server.stop() == 0);
    // The line is told before the recovery; what comes after it is the race.
    d.server.start_listening();
    CHECK(d.server.stop() == 0);
    CHECK_FALSE(d.server.postmaster());
    d.server.start();
  }
}
