// Urgency from the ceremony's instant (contract, section 4.7).
#include "domain/wedding_day.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace usher::domain;
using namespace std::chrono_literals;

namespace {

instant at(std::string_view text) { return parse_rfc3339(text).value(); }

const instant ceremony = at("2026-06-13T19:00:00Z");

instant there(std::string_view zone, std::string_view local) {
  return to_instant(parse_local_time(local).value(), zone).value();
}

}  // namespace

TEST_CASE("wedding day: the edges are inclusive, to the millisecond", "[wedding]") {
  CHECK(urgency_at(ceremony, ceremony - 48h - 1ms) == urgency::none);
  CHECK(urgency_at(ceremony, ceremony - 48h) == urgency::urgent);
  CHECK(urgency_at(ceremony, ceremony - 8h - 1ms) == urgency::urgent);
  CHECK(urgency_at(ceremony, ceremony - 8h) == urgency::emergency);
  CHECK(urgency_at(ceremony, ceremony) == urgency::emergency);
  CHECK(urgency_at(ceremony, ceremony + 12h) == urgency::emergency);
  CHECK(urgency_at(ceremony, ceremony + 12h + 1ms) == urgency::none);
}

TEST_CASE("wedding day: each change leads to the next, and the urgency does change there", "[wedding]") {
  for (auto place : {at("2000-01-01T00:00:00Z"), ceremony, at("2036-02-29T23:59:59.999Z"), latest_instant - 1ms}) {
    CAPTURE(format_rfc3339(place));
    instant now = place - std::chrono::days{4000};
    int changes = 0;
    for (; changes < 10; ++changes) {
      auto next = next_change(place, now);
      if (!next) break;
      REQUIRE(*next > now);
      CHECK(urgency_at(place, *next - 1ms) == urgency_at(place, now));
      CHECK(urgency_at(place, *next) != urgency_at(place, now));
      now = *next;
    }
    CHECK(changes == 3);
    CHECK(now == place + 12h + 1ms);
    CHECK(urgency_at(place, now) == urgency::none);
    CHECK_FALSE(next_change(place, place + std::chrono::days{4000}));
  }
}

TEST_CASE("wedding day: the hours are hours, also on the nights of the DST changes", "[wedding][dst]") {
  // New York, 2026-11-01, one hour more: the emergency begins at 04:00 by the wall clock for a ceremony at noon.
  const auto longer = there("America/New_York", "2026-11-01T12:00");
  CHECK(emergency_begins(longer) == there("America/New_York", "2026-11-01T04:00"));
  CHECK(emergency_begins(there("America/New_York", "2026-11-01T08:00")) == at("2026-11-01T05:00:00Z"));
  CHECK(at("2026-11-01T05:00:00Z") == there("America/New_York", "2026-11-01T01:00"));  // the earlier one o'clock
  // London, 2026-03-29, one hour less: 48 h before Sunday's 15:00 is Friday's 14:00.
  const auto shorter = there("Europe/London", "2026-03-29T15:00");
  CHECK(next_change(shorter, shorter - 100h) == there("Europe/London", "2026-03-27T14:00"));
  CHECK(urgency_at(shorter, there("Europe/London", "2026-03-30T03:00")) == urgency::emergency);
  CHECK(urgency_at(shorter, there("Europe/London", "2026-03-30T03:00") + 1ms) == urgency::none);
}

TEST_CASE("wedding day: postponed, moved to another zone, yesterday, in ten years", "[wedding]") {
  const auto now = ceremony - 1h;
  CHECK(urgency_at(ceremony + 24h, now) == urgency::urgent);
  CHECK(urgency_at(ceremony + std::chrono::days{365}, now) == urgency::none);
  CHECK(urgency_at(now - 24h, now) == urgency::none);
  CHECK(urgency_at(now + std::chrono::days{3652}, now) == urgency::none);
  // The same local time further west is later.
  const auto east = there("Europe/London", "2026-06-13T15:00");
  const auto west = there("America/Los_Angeles", "2026-06-13T15:00");
  CHECK(urgency_at(east, east - 8h) == urgency::emergency);
  CHECK(urgency_at(west, east - 8h) == urgency::urgent);
}

TEST_CASE("rule 17: a response in an emergency falls due 15 minutes after it began, or after the clock did",
          "[sla][wedding]") {
  const auto began = emergency_begins(ceremony);
  CHECK(response_cap(began - 72h, began) == began + 15min);
  CHECK(response_cap(began, began) == began + 15min);
  CHECK(response_cap(began + 1ms, began) == began + 15min + 1ms);
  CHECK(response_cap(began + 3h, began) == began + 3h + 15min);
}
