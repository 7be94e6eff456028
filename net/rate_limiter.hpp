// Requests a second, by caller and by organization (contract, section 2), and by address for those who have not shown a
// token that holds: token buckets, bounded in memory.
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
#include "net/observer.hpp"

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
  /// Gives a token back that was taken a moment ago.
  void put_back(std::uint64_t key);
  [[nodiscard]] std::uint32_t rate() const noexcept { return rate_; }

 private:
  static constexpr std::size_t stripes = 16;
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, time> full_at;
  };

  [[nodiscard]] stripe& stripe_of(std::uint64_t key) { return stripes_[(key >> 32U) % stripes]; }

  std::uint32_t rate_;
  std::array<stripe, stripes> stripes_;
};

/// How long a request has to wait, and for which limit.
struct rate_refusal {
  std::chrono::seconds wait{0};
  refused_for why = refused_for::caller;
};

/// All kinds. Who is known is metered by who it is, all others by where they come from: so an office whose people share
/// an address is not held to a stranger's share, and who guesses tokens is.
class rate_limiter {
 public:
  rate_limiter(std::uint32_t for_caller, std::uint32_t for_organization, std::uint32_t for_address = 0)
      : callers_(for_caller), organizations_(for_organization), addresses_(for_address) {}

  /// Counts a request of a caller, and notes how it and its organization stand.
  [[nodiscard]] std::optional<rate_refusal> admit(request& in);
  /// Counts a request that has shown no token yet, or none that is needed.
  [[nodiscard]] std::optional<rate_refusal> admit_stranger(const request& in);
  /// The request has shown a token that holds: it was no stranger's.
  void recognize(const request& in);

 private:
  token_buckets callers_;
  token_buckets organizations_;
  token_buckets addresses_;
};

}  // namespace usher::net
