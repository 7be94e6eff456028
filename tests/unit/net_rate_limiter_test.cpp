#include "net/rate_limiter.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace usher;
using namespace std::chrono_literals;

namespace {
const net::token_buckets::time start{1h};
}

TEST_CASE("a bucket lets a burst of twice its rate through, and then its rate") {
  net::token_buckets buckets(10);
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += buckets.take(1, start) ? 0 : 1;
  CHECK(passed == 20);
  CHECK(buckets.take(1, start).value() == 100ms);
  CHECK_FALSE(buckets.take(1, start + 100ms).has_value());
  CHECK(buckets.take(1, start + 100ms).has_value());
  CHECK_FALSE(buckets.take(2, start).has_value());
}

TEST_CASE("a rate of zero is off") {
  net::token_buckets buckets(0);
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(buckets.take(1, start).has_value());
}

TEST_CASE("many keys can't grow the buckets without end, and full buckets make room") {
  net::token_buckets buckets(1);
  for (std::uint64_t i = 0; i < 2 * net::token_buckets::keys_max; ++i) {
    CHECK_FALSE(buckets.take(i * 0x9E3779B97F4A7C15ULL, start + std::chrono::milliseconds(i)).has_value());
  }
}

TEST_CASE("a caller over the rate is told when to come back, and an organization's callers share one bucket") {
  net::rate_limiter limiter(2, 3);
  auto organization = domain::organization_id::generate();
  auto refused = [&](const std::string& sub) {
    return limiter.admit({sub, domain::role::requester, organization}, start).has_value();
  };
  for (int i = 0; i < 4; ++i) CHECK_FALSE(refused("rosa"));
  auto why = limiter.admit({"rosa", domain::role::requester, organization}, start);
  REQUIRE(why.has_value());
  CHECK(why->headers == "Retry-After: 1\r\nRateLimit: \"caller\";r=0;t=1\r\nRateLimit-Policy: \"caller\";q=2;w=1\r\n");
  CHECK_FALSE(refused("iris"));
  CHECK_FALSE(refused("iris"));
  CHECK(refused("sam"));
}
