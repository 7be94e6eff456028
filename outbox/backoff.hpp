// When to try again: exponential, with full jitter, over days. Pure.
#pragma once

#include <functional>
#include <optional>

#include "domain/time.hpp"

namespace usher::outbox {

struct backoff_settings {
  domain::milliseconds first = std::chrono::seconds{5};   ///< the longest wait after the first try
  double factor = 3;                                      ///< by which it grows with each try
  domain::milliseconds longest = std::chrono::hours{12};  ///< where it stops to grow
  domain::milliseconds shortest = std::chrono::seconds{1};
  domain::milliseconds give_up_after = std::chrono::days{3};  ///< since the notification was written
};

/// Evenly distributed over `[0, 1)`.
using random_source = std::function<double()>;

class backoff {
 public:
  backoff(backoff_settings settings, random_source random);

  /// The wait before the next try, when `tries` (from 1 up) have failed. Evenly distributed between nothing and a bound
  /// that grows, so that what failed together does not come back together; never under `shortest`, never under what
  /// the receiver asked for. Nothing: give up, since the next try would come later than `give_up_after`, `age` being
  /// the time since the notification was written.
  [[nodiscard]] std::optional<domain::milliseconds> next(int tries, domain::milliseconds age,
                                                         std::optional<domain::milliseconds> retry_after = {}) const;
  /// The bound that `next` draws under.
  [[nodiscard]] domain::milliseconds bound(int tries) const;

 private:
  backoff_settings settings_;
  random_source random_;
};

}  // namespace usher::outbox
