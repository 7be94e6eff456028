#include "net/rate_limiter.hpp"

#include <algorithm>
#include <memory>

#include <catch2/catch_test_macros.hpp>

using namespace usher;
using namespace std::chrono_literals;

namespace {
const net::token_buckets::time start{1h};
}

TEST_CASE("a bucket lets a burst of twice its rate through, and then its rate") {
  net::token_buckets buckets(10);
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += buckets.take(1, start).wait == 0ns ? 1 : 0;
  CHECK(passed == 20);
  CHECK(buckets.take(1, start).wait == 100ms);
  CHECK(buckets.take(1, start + 100ms).wait == 0ns);
  CHECK(buckets.take(1, start + 100ms).wait > 0ns);
  CHECK(buckets.take(2, start).wait == 0ns);
}

TEST_CASE("a bucket tells what is left, up to its rate") {
  net::token_buckets buckets(10);
  for (std::uint32_t taken = 1; taken <= 20; ++taken) {
    const auto got = buckets.take(1, start).standing;
    CHECK(got.quota == 10);
    CHECK(got.left == std::min(10U, 20 - taken));
  }
  CHECK(buckets.take(1, start).standing.left == 0);
  CHECK(buckets.take(1, start + 500ms).standing.left == 4);
}

TEST_CASE("a rate of zero is off") {
  net::token_buckets buckets(0);
  for (int i = 0; i < 1000; ++i) CHECK(buckets.take(1, start).wait == 0ns);
  CHECK(buckets.take(1, start).standing.quota == 0);
}

TEST_CASE("many keys can't grow the buckets without end, and full buckets make room") {
  net::token_buckets buckets(1);
  for (std::uint64_t i = 0; i < 2 * net::token_buckets::keys_max; ++i) {
    CHECK(buckets.take(i * 0x9E3779B97F4A7C15ULL, start + std::chrono::milliseconds(i)).wait == 0ns);
  }
}

TEST_CASE("a caller over the rate is told when to come back, and an organization's callers share one bucket") {
  net::rate_limiter limiter(2, 3);
  auto organization = domain::organization_id::generate();
  net::request in;
  in.received_at = start;
  auto wait = [&](const std::string& sub) {
    in.caller_rate = in.organization_rate = {};
    in.caller = std::make_shared<domain::caller>(domain::caller{sub, domain::role::requester, organization});
    const auto no = limiter.admit(in);
    return no ? std::optional(no->wait) : std::nullopt;
  };
  for (int i = 0; i < 4; ++i) CHECK_FALSE(wait("rosa"));
  CHECK(in.caller_rate.left == 0);
  CHECK(in.organization_rate.left == 2);
  CHECK(wait("rosa") == 1s);
  CHECK(in.organization_rate.quota == 0);  // it was not asked
  CHECK_FALSE(wait("iris"));
  CHECK_FALSE(wait("iris"));
  CHECK(wait("sam") == 1s);
  CHECK(in.caller_rate.left == 2);
  CHECK(in.organization_rate.left == 0);
}

TEST_CASE("strangers are metered by address, and who has shown a token is none") {
  net::rate_limiter limiter(0, 0, 5);
  net::request in;
  in.received_at = start;
  in.client_address = "192.0.2.1";
  for (int i = 0; i < 10; ++i) CHECK_FALSE(limiter.admit_stranger(in));
  const auto no = limiter.admit_stranger(in);
  REQUIRE(no);
  CHECK(no->wait == 1s);
  CHECK(no->why == net::refused_for::address);
  in.client_address = "192.0.2.2";
  CHECK_FALSE(limiter.admit_stranger(in));
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(limiter.admit_stranger(in));
    limiter.recognize(in);
  }
}
