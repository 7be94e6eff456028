// Scrapes the server's /metrics while a run goes on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loadtest/exposition.hpp"
#include "loadtest/http_client.hpp"
#include "loadtest/wire.hpp"

namespace usher::load {

/// What one scrape said; what the server does not measure is nothing. Rates and quantiles are of the time since the
/// scrape before.
struct server_point {
  double at_seconds = 0;  ///< since the run's begin
  std::optional<double> requests_per_second;
  std::optional<double> creates_per_second;
  std::optional<double> http_p95_ms;
  std::optional<double> http_p99_ms;
  std::optional<double> commit_p95_ms;
  std::optional<double> queue_depth;
  std::optional<double> tickets_open;
  std::optional<double> memory_bytes;
  std::optional<double> cpu_cores;
};

/// The difference of the last and the first scrape, and what else is of a whole run.
struct server_totals {
  std::optional<double> requests;  ///< without the scrapes
  std::optional<double> created;
  std::optional<double> refused;
  std::optional<double> breaches;
  std::optional<double> escalations;
  std::optional<double> lateness_p99_seconds;
  std::optional<double> memory_before_bytes;
  std::optional<double> memory_after_bytes;
  std::optional<double> memory_most_bytes;
};

/// Owns a thread from `start` to `stop`.
class server_watch {
 public:
  /// `path` may be empty: then it does nothing.
  server_watch(target where, std::string path);
  ~server_watch() { stop(); }

  /// Takes the first scrape now, and the next ones every `every`.
  void start(steady::time_point begin, std::chrono::milliseconds every);
  /// Takes the last one.
  void stop();
  /// More than so many points are thinned out.
  static constexpr std::size_t points_max = 4000;

  [[nodiscard]] std::vector<server_point> points() const;
  [[nodiscard]] server_totals totals() const;
  /// Nothing was ever scraped.
  [[nodiscard]] bool is_blind() const;

 private:
  void run(const std::stop_token& stopping);
  void scrape();

  std::string path_;
  http_client client_;
  steady::time_point begin_;
  std::chrono::milliseconds every_{1000};
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<server_point> points_;
  std::optional<exposition> first_;
  std::optional<exposition> last_;
  double last_at_ = 0;
  std::jthread thread_;
};

}  // namespace usher::load
