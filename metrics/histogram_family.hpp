// Histograms that are filled without a lock: the library's own take one for every value.
#pragma once

#include <prometheus/labels.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace usher::metrics {

/// Counts values by the bucket that they belong to: the first whose edge they do not exceed. Thread-safe.
class histogram {
 public:
  /// `edges` rise, and outlive it.
  histogram(const std::vector<double>& edges, prometheus::Labels labels);

  /// Two atomic adds.
  void observe(double value) noexcept;
  [[nodiscard]] prometheus::ClientMetric collect() const;

 private:
  const std::vector<double>& edges_;
  prometheus::Labels labels_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  ///< one more than there are edges
  std::atomic<double> sum_{0};
};

/// The histograms of one name. They are added before the first scrape.
class histogram_family {
 public:
  histogram_family(std::string name, std::string help, std::vector<double> edges);

  histogram& add(prometheus::Labels labels = {});
  [[nodiscard]] prometheus::MetricFamily collect() const;

 private:
  std::string name_;
  std::string help_;
  std::vector<double> edges_;
  std::vector<std::unique_ptr<histogram>> all_;
};

}  // namespace usher::metrics
