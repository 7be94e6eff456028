// Requests a second, by caller and by organization (contract, section 2): token buckets, bounded in memory.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "domain/caller.hpp"

namespace usher::net {

/// Buckets of one kind. A bucket is the instant at which it will be full again (the generic cell rate algorithm), so an
/// idle one needs no upkeep and is dropped when room is needed. Thread-safe.
class token_buckets {
 public:
  using time = std::chrono::steady_clock::time_point;
  /// Keys kept at most; past it, keys whose bucket is full are dropped, and new ones are let through unmetered.
  static constexpr std::size_t keys_max = 131'072;

  /// `rate` tokens a second, bursts of twice that; 0 lets all through.
  explicit token_buckets(std::uint32_t rate) : rate_(rate) {}

  /// Takes a token. Nothing when there was one; else how long until there is.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> take(std::uint64_t key, time now);
  [[nodiscard]] std::uint32_t rate() const noexcept { return rate_; }

 private:
  static constexpr std::size_t stripes = 16;
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, time> full_at;
  };

  std::uint32_t rate_;
  std::array<stripe, stripes> stripes_;
};

/// Both kinds.
class rate_limiter {
 public:
  rate_limiter(std::uint32_t for_caller, std::uint32_t for_organization)
      : callers_(for_caller), organizations_(for_organization) {}

  struct refusal {
    std::string headers;  ///< `Retry-After`, `RateLimit` and `RateLimit-Policy`, whole lines
  };
  /// Counts a request; says why it has to wait, if it has to.
  [[nodiscard]] std::optional<refusal> admit(const domain::caller& who, token_buckets::time now);

 private:
  token_buckets callers_;
  token_buckets organizations_;
};

}  // namespace usher::net
