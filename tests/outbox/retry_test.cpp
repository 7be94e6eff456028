// Backoff and breaker, without a network.
#include <deque>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "outbox/backoff.hpp"
#include "outbox/breaker.hpp"

using namespace usher::outbox;
using namespace std::chrono_literals;

namespace {

backoff with(double part, backoff_settings settings = {}) {
  return {settings, [part] { return part; }};
}

const breaker::time_point start{};

/// Ten failures: enough to open.
breaker opened() {
  breaker b;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(b.admit(start));
    b.record(false, start);
  }
  REQUIRE(b.current() == breaker::state::open);
  return b;
}

}  // namespace

TEST_CASE("backoff: the bound grows, and stops to grow", "[outbox][backoff]") {
  const auto b = with(0);
  CHECK(b.bound(1) == 5s);
  CHECK(b.bound(2) == 15s);
  CHECK(b.bound(3) == 45s);
  CHECK(b.bound(0) == 5s);
  CHECK(b.bound(9) == 5s * 6561);
  CHECK(b.bound(10) == 12h);
  CHECK(b.bound(1'000'000) == 12h);
}

TEST_CASE("backoff: the wait lies anywhere under the bound", "[outbox][backoff]") {
  CHECK(with(0.5).next(3, 0s) == 22500ms);
  CHECK(with(0).next(3, 0s) == 1s);
  CHECK(with(0.999).next(1, 0s) == 4995ms);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> part(0, 1);
  const backoff b({}, [&] { return part(random); });
  auto least = std::chrono::milliseconds::max();
  auto most = 0ms;
  for (int i = 0; i < 2000; ++i) {
    const auto wait = b.next(5, 0s);
    REQUIRE(wait);
    REQUIRE(*wait <= b.bound(5));
    least = std::min(least, *wait);
    most = std::max(most, *wait);
  }
  CHECK(least < b.bound(5) / 20);
  CHECK(most > b.bound(5) * 19 / 20);
}

TEST_CASE("backoff: what the receiver asks for is the least, with jitter on top", "[outbox][backoff]") {
  CHECK(with(0).next(1, 0s, 100s) == 100s);
  CHECK(with(1).next(9, 0s, 100s) == 120s);
  CHECK(with(1).next(1, 0s, 100s) == 105s);
  CHECK(with(0).next(1, 0s, 0s) == 1s);
}

TEST_CASE("backoff: gives up after days, not before", "[outbox][backoff]") {
  CHECK(with(1).next(20, 60h) == 12h);
  CHECK_FALSE(with(1).next(20, 60h + 1ms));
  CHECK_FALSE(with(0).next(1, 72h));
  CHECK_FALSE(with(0).next(1, 50h, 23h));
  // Even with the longest waits there are many tries, and with the middle ones the last comes in the third day.
  auto tries_until_given_up = [](const backoff& b, std::chrono::milliseconds& age) {
    int tries = 1;
    for (auto wait = b.next(tries, age); wait; wait = b.next(tries, age)) {
      age += *wait;
      ++tries;
    }
    return tries;
  };
  auto age = 0ms;
  CHECK(tries_until_given_up(with(1), age) >= 13);
  age = 0ms;
  CHECK(tries_until_given_up(with(0.5), age) >= 18);
  CHECK(age > 60h);
}

TEST_CASE("breaker: opens at half of the latest twenty, once it knows ten", "[outbox][breaker]") {
  breaker b;
  for (int i = 0; i < 9; ++i) b.record(false, start);
  CHECK(b.current() == breaker::state::closed);
  CHECK_FALSE(b.next_try());
  b.record(true, start);
  CHECK(b.current() == breaker::state::open);

  breaker good;
  for (int i = 0; i < 11; ++i) good.record(true, start);
  for (int i = 0; i < 9; ++i) good.record(false, start);
  CHECK(good.current() == breaker::state::closed);
  good.record(false, start);  // now ten of the latest twenty
  CHECK(good.current() == breaker::state::open);

  breaker alternating;
  for (int i = 0; i < 200; ++i) alternating.record(i % 5 < 3, start);
  CHECK(alternating.current() == breaker::state::closed);
}

TEST_CASE("breaker: open lets nothing through, then one probe", "[outbox][breaker]") {
  auto b = opened();
  CHECK_FALSE(b.admit(start));
  CHECK_FALSE(b.admit(start + 30s - 1ms));
  CHECK(b.next_try() == start + 30s);
  CHECK(b.admit(start + 30s));
  CHECK(b.current() == breaker::state::probing);
  CHECK_FALSE(b.admit(start + 30s));
  CHECK_FALSE(b.admit(start + 31s));
}

TEST_CASE("breaker: the probe decides", "[outbox][breaker]") {
  auto b = opened();
  REQUIRE(b.admit(start + 30s));
  b.record(true, start + 31s);
  CHECK(b.current() == breaker::state::closed);
  CHECK(b.admit(start + 31s));
  // It starts with a clean record.
  for (int i = 0; i < 9; ++i) b.record(false, start + 31s);
  CHECK(b.current() == breaker::state::closed);

  b = opened();
  REQUIRE(b.admit(start + 30s));
  b.record(false, start + 40s);
  CHECK(b.current() == breaker::state::open);
  CHECK_FALSE(b.admit(start + 69s));
  CHECK(b.admit(start + 70s));
}

TEST_CASE("breaker: late results change nothing, and a lost probe is replaced", "[outbox][breaker]") {
  auto b = opened();
  for (int i = 0; i < 20; ++i) b.record(true, start + 1s);
  CHECK(b.current() == breaker::state::open);
  CHECK(b.next_try() == start + 30s);
  REQUIRE(b.admit(start + 30s));
  CHECK_FALSE(b.admit(start + 59s));
  CHECK(b.admit(start + 60s));
  b.record(true, start + 61s);
  CHECK(b.current() == breaker::state::closed);
}
