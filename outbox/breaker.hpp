// A circuit breaker: stops using a way out that mostly fails, and probes whether it works again. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace usher::outbox {

struct breaker_settings {
  std::size_t window = 20;                 ///< the latest results that count
  std::size_t results_min = 10;            ///< fewer say nothing
  double failure_rate = 0.5;               ///< from which it opens
  std::chrono::milliseconds open{30'000};  ///< how long nothing is tried
};

/// One channel's, or one endpoint's. Not thread-safe: whoever hands out the work owns it.
class breaker {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class state : std::uint8_t {
    closed,   ///< all may go
    open,     ///< nothing may go
    probing,  ///< one try is under way that decides
  };

  explicit breaker(breaker_settings settings = {});

  /// Whether a try may begin now; then its result has to be recorded. After the open time this lets one through, the
  /// probe. A probe whose result never comes is given up after another open time.
  [[nodiscard]] bool admit(time_point now);
  /// The result of a try that was admitted. Results that come in while it is open, of tries begun before, change
  /// nothing.
  void record(bool ok, time_point now);

  [[nodiscard]] state current() const noexcept { return state_; }
  /// When it is worth asking `admit` again; nothing when it would let a try through at once.
  [[nodiscard]] std::optional<time_point> next_try() const noexcept;

 private:
  void open_at(time_point now);

  breaker_settings settings_;
  state state_ = state::closed;
  std::deque<bool> results_;  ///< the latest, true for success; up to `window`
  time_point until_{};        ///< of open, and of probing
};

}  // namespace usher::outbox
