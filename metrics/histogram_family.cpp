#include "metrics/histogram_family.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace usher::metrics {

histogram::histogram(const std::vector<double>& edges, prometheus::Labels labels)
    : edges_(edges),
      labels_(std::move(labels)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(edges.size() + 1)) {}

void histogram::observe(double value) noexcept {
  auto bucket = std::lower_bound(edges_.begin(), edges_.end(), value) - edges_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

prometheus::ClientMetric histogram::collect() const {
  prometheus::ClientMetric out;
  for (const auto& [name, value] : labels_) out.label.push_back({name, value});
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= edges_.size(); ++i) {
    below += counts_[i].load(std::memory_order_relaxed);
    prometheus::ClientMetric::Bucket bucket;
    bucket.cumulative_count = below;
    bucket.upper_bound = i < edges_.size() ? edges_[i] : std::numeric_limits<double>::infinity();
    out.histogram.bucket.push_back(bucket);
  }
  // The count is the last bucket's, also while others go on counting.
  out.histogram.sample_count = below;
  out.histogram.sample_sum = sum_.load(std::memory_order_relaxed);
  return out;
}

histogram_family::histogram_family(std::string name, std::string help, std::vector<double> edges)
    : name_(std::move(name)), help_(std::move(help)), edges_(std::move(edges)) {}

histogram& histogram_family::add(prometheus::Labels labels) {
  return *all_.emplace_back(std::make_unique<histogram>(edges_, std::move(labels)));
}

prometheus::MetricFamily histogram_family::collect() const {
  prometheus::MetricFamily out;
  out.name = name_;
  out.help = help_;
  out.type = prometheus::MetricType::Histogram;
  for (const auto& each : all_) out.metric.push_back(each->collect());
  return out;
}

}  // namespace usher::metrics
