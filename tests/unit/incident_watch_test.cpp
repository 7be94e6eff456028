// Bursts of tickets about the same.
#include <catch2/catch_test_macros.hpp>

#include "domain/incident_watch.hpp"

using namespace usher::domain;
using namespace std::chrono_literals;

namespace {

const instant noon = parse_rfc3339("2026-06-13T12:00:00Z").value();

organization_id customer(int n) {
  organization_id out{};
  out.value.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  out.value.bytes[15] = static_cast<std::uint8_t>(n & 0xff);
  return out;
}

/// One ticket each of the organizations from `from` on, a second apart; how many incidents that made.
int burst(incident_watch& watch, int organizations, instant at, int from = 1, std::string_view category = "rsvp") {
  int told = 0;
  for (int n = 0; n < organizations; ++n)
    told += watch.note({category, customer(from + n), from + n, at + n * 1s}) ? 1 : 0;
  return told;
}

}  // namespace

TEST_CASE("incident: the tenth organization within ten minutes makes one, and is told once") {
  incident_watch watch{{}};
  CHECK(burst(watch, 9, noon) == 0);
  CHECK_FALSE(watch.note({"rsvp", customer(3), 40, noon + 20s}));  // one that has written already
  const auto found = watch.note({"rsvp", customer(10), 41, noon + 30s});
  REQUIRE(found);
  CHECK(found->category == "rsvp");
  CHECK(found->tickets == 11);
  CHECK(found->organizations == 10);
  CHECK(found->since == noon);
  CHECK(found->numbers == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 40, 41});
  CHECK(describe(*found) ==
        "11 tickets of 10 organizations about rsvp since 2026-06-13T12:00:00.000Z: #1, #2, #3, #4, #5, #6, #7, #8, #9, "
        "#40, #41");
  CHECK(burst(watch, 50, noon + 60s, 100) == 0);
}

TEST_CASE("incident: nine are none, nor ten about different things, over a longer time, or about nothing much") {
  incident_watch watch{{}};
  CHECK(burst(watch, 9, noon) == 0);
  CHECK(burst(watch, 1, noon, 50, "payments") == 0);
  CHECK(burst(watch, 30, noon, 1, "general_question") == 0);
  CHECK_FALSE(watch.note({"rsvp", customer(10), 10, noon + 10min}));  // the first is ten minutes old
  incident_watch blind{{0, 10min}};
  CHECK(burst(blind, 100, noon) == 0);
}

TEST_CASE("incident: the next one is another when it has been quiet in between") {
  incident_watch watch{{10, 10min}};
  CHECK(burst(watch, 10, noon) == 1);
  CHECK(burst(watch, 10, noon + 5min, 20) == 0);
  CHECK(burst(watch, 10, noon + 14min, 40) == 0);  // goes on: the last that counted was at 5:09
  CHECK(burst(watch, 9, noon + 30min, 60) == 0);   // less than a burst
  CHECK(burst(watch, 10, noon + 50min, 80) == 1);
  CHECK(burst(watch, 10, noon + 50min, 80, "payments") == 1);  // each category for itself
}

TEST_CASE("incident: however many there are, what is remembered has a bound, and numbers too") {
  incident_watch watch{{1000, 60min}};
  std::optional<incident> found;
  for (int n = 0; n < 5000 && !found; ++n) found = watch.note({"rsvp", customer(n % 900), n, noon + n * 1ms});
  CHECK_FALSE(found);
  for (int n = 0; n < 1000 && !found; ++n) found = watch.note({"rsvp", customer(2000 + n), n, noon + 6s});
  REQUIRE(found);
  CHECK(found->tickets == incident_watch::kept_max);
  CHECK(found->numbers.size() == incident::numbers_max);
  CHECK(describe(*found).ends_with(", …"));
}

TEST_CASE("incident: a clock that is set back ends no burst") {
  incident_watch watch{{3, 10min}};
  CHECK(burst(watch, 3, noon) == 1);
  CHECK(burst(watch, 3, noon - 60min, 10) == 0);
}
