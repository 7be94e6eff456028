// Requests a second, by caller and by organization (contract, section 2): token buckets, bounded in memory.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "domain/caller.hpp"
#include "net/http.hpp"

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

  struct answer {
    std::chrono::nanoseconds wait{0};  ///< until there is a token; 0 when one was taken
    rate_standing standing;            ///< after it
  };
  /// Takes a token, if there is one.
  [[nodiscard]] answer take(std::uint64_t key, time now);
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

  /// Counts a request, and notes how its caller and organization stand. Gives how long it has to wait, if it has to.
  [[nodiscard]] std::optional<std::chrono::seconds> admit(request& in);

 private:
  token_buckets callers_;
  token_buckets organizations_;
};

}  // namespace usher::net
