// Requests by route, method and status.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/histogram_family.hpp"
#include "metrics/label_values.hpp"

namespace usher::metrics {

/// Thread-safe, once the routes are named. The first use of a route with a new method and status takes a lock.
class http_metrics {
 public:
  explicit http_metrics(prometheus::Registry& registry);

  /// Before the first request. The last one stands for all that matched none.
  void set_routes(const std::vector<std::string>& templates);
  void request_done(std::size_t which, std::string_view method, int status, double seconds);
  void refused(std::string_view reason, std::string_view what);
  [[nodiscard]] prometheus::MetricFamily collect() const { return durations_.collect(); }

 private:
  static constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                           "DELETE", "HEAD", "OPTIONS", "other"};
  static constexpr int statuses = 600;

  struct route {
    std::string name;
    histogram* duration = nullptr;
    std::array<std::array<std::atomic<prometheus::Counter*>, statuses>, methods.size()> requests{};
  };

  prometheus::Counter& counter(route& r, std::size_t method, int status);

  prometheus::Family<prometheus::Counter>& requests_;
  std::array<std::array<prometheus::Counter*, refused_classes.size()>, refusal_reasons.size()> refused_{};
  histogram_family durations_;
  std::vector<std::unique_ptr<route>> routes_;
  std::mutex lazy_;
};

}  // namespace usher::metrics
