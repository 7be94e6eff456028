// The desk as a caller sees it: requests that are repeated until they have a clear answer.
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "loadtest/http_client.hpp"

namespace usher::load {

/// How patient a caller is with one request.
struct patience {
  int tries_max = 60;
  std::chrono::milliseconds wait_max{5000};     ///< a longer `Retry-After` is cut to it
  std::chrono::milliseconds time_limit{20000};  ///< of one try
  std::chrono::seconds total_max{120};
};

/// What all callers of a run counted together.
struct api_counts {
  std::atomic<long> requests{0};
  std::atomic<long> refused{0};  ///< answers with 429 or 503, or that a key is in flight
  std::atomic<long> cut{0};      ///< tries without an answer
};

/// One connection. Not thread-safe: one a thread.
class api {
 public:
  api(target where, patience limits, api_counts& counts)
      : client_(std::move(where), limits.time_limit), limits_(limits), counts_(counts) {}

  /// The first answer that is neither 429 nor 503. Those, a key in flight and a lost connection are repeated with the
  /// same `Idempotency-Key`, honouring `Retry-After` (contract, section 2: a 503 to a write means that the outcome is
  /// unknown). A request without a key has to be one that does no harm twice. The error says what the last try gave.
  [[nodiscard]] std::expected<http_response, std::string> call(const http_request& what);

  [[nodiscard]] std::expected<http_response, std::string> get(std::string path, std::string_view token) {
    return call({"GET", std::move(path), token, {}, {}});
  }

 private:
  http_client client_;
  patience limits_;
  api_counts& counts_;
};

}  // namespace usher::load
