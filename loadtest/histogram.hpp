// How long things took, as a histogram of fixed size.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "loadtest/units.hpp"

namespace usher::load {

/// Boost.Histogram over a logarithmic axis from 1 µs to 10 min, 1 % a bin: a quantile is off by half of that at most.
/// Longer values count as the longest. Takes no memory until something is recorded; not thread-safe.
class histogram {
 public:
  histogram();
  ~histogram();
  histogram(histogram&&) noexcept;
  histogram& operator=(histogram&&) noexcept;

  void record(nanoseconds value) { record(value, 1); }
  void record(nanoseconds value, std::uint64_t times);
  void merge(const histogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// The value that a share `q` (0 to 1) of all is at or below; 0 when there is none. Never above `max()`.
  [[nodiscard]] nanoseconds quantile(double q) const;
  /// Exact, like `max` and `mean`; 0 when nothing was recorded.
  [[nodiscard]] nanoseconds min() const noexcept { return count_ == 0 ? nanoseconds{0} : min_; }
  [[nodiscard]] nanoseconds max() const noexcept { return max_; }
  [[nodiscard]] nanoseconds mean() const;
  /// How many are above `edges[i - 1]` and at or below `edges[i]`, to the width of a bin; the last entry is what is
  /// above all edges. For pictures.
  [[nodiscard]] std::vector<std::uint64_t> counts_between(const std::vector<nanoseconds>& edges) const;

 private:
  struct bins;
  std::unique_ptr<bins> bins_;
  std::uint64_t count_ = 0;
  nanoseconds min_ = nanoseconds::max();
  nanoseconds max_{0};
  double sum_seconds_ = 0;
};

}  // namespace usher::load
