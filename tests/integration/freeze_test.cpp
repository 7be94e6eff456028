// The freeze of wedding days from the command line, and over a start (contract, sections 1 and 3).
#include "domain/time.hpp"
#include "tests/integration/http_checks.hpp"

using namespace usher::test;

namespace {

/// Today and tomorrow, so that no midnight comes between.
std::string frozen_days() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return usher::domain::format_rfc3339(today).substr(0, 10) + "," +
         usher::domain::format_rfc3339(today + std::chrono::days{1}).substr(0, 10);
}

std::string wedding_now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return R"(,"wedding":{"at":")" + usher::domain::format_rfc3339(now) + R"(","time_zone":"UTC"})";
}

}  // namespace

TEST_CASE("freeze: freeze-check tells a pipeline, with and without a desk that runs") {
  const auto days = frozen_days();
  desk d(std::vector<std::string>{"--freeze-days", days});
  const auto data = d.server.data().string();
  const auto check = [&](std::vector<std::string> more) {
    std::vector<std::string> command{USHER_BINARY, "freeze-check"};
    command.insert(command.end(), more.begin(), more.end());
    return run(command);
  };
  auto allowed = check({"--data", data, "--freeze-days", days});
  CHECK(allowed.code == 0);
  CHECK(allowed.out.starts_with("allowed: "));

  auto customer = d.customer();
  CHECK(create(customer, "The seating plan", wedding_now()).text("/urgency") == "emergency");
  auto frozen = check({"--data", data, "--freeze-days", days});
  CHECK(frozen.code == 3);
  CHECK(frozen.out.starts_with("frozen: "));
  CHECK(frozen.out.find("UTC (1)") != std::string::npos);
  CHECK(check({"--data", data, "--freeze", "off"}).code == 0);
  CHECK(check({"--data", data, "--freeze-days", "some day"}).code == 2);
  CHECK(check({"--database", "host=/nowhere dbname=none"}).code == 1);
  CHECK(check({"--data", data + "-none"}).code == 0);

  auto manager = d.as("manager");
  CHECK(problem(manager.put("/api/support/sla/policies/FREE/low", R"({"resolution_seconds":7200})")) == 423);
  REQUIRE(d.server.stop() == 0);
  CHECK(check({"--data", data, "--freeze-days", days}).code == 3);
  // Nothing is to be migrated: a start is a start.
  d.server.start();
  auto again = d.as("manager");
  CHECK(problem(again.put("/api/support/sla/policies/FREE/low", R"({"resolution_seconds":7200})")) == 423);
}
