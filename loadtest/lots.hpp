// Seeded randomness: the same seed draws the same lots, whatever the order of answers.
#pragma once

#include <cmath>
#include <cstdint>

#include "loadtest/units.hpp"

namespace usher::load {

/// A stream of numbers (splitmix64: Steele, Lea, Flood 2014). Cheap to make, so each journey has one of its own.
class lots {
 public:
  explicit lots(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t next() {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
  }
  /// From 0 up to, not including, 1.
  [[nodiscard]] double share() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
  /// From 0 up to, not including, `count`, which is not 0.
  [[nodiscard]] std::size_t index(std::size_t count) {
    return static_cast<std::size_t>(share() * static_cast<double>(count));
  }
  /// Exponential with mean 1.
  [[nodiscard]] double gap() { return -std::log1p(-share()); }
  [[nodiscard]] nanoseconds between(nanoseconds least, nanoseconds most) {
    return least + from_seconds(share() * in_seconds(most - least));
  }

 private:
  std::uint64_t state_;
};

}  // namespace usher::load
