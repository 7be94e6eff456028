#include "loadtest/api.hpp"

#include <algorithm>
#include <thread>

namespace usher::load {

namespace {

bool asks_to_repeat(const http_response& answer) {
  return answer.status == 429 || answer.status == 503 || (answer.status == 409 && answer.retry_after);
}

}  // namespace

std::expected<http_response, std::string> api::call(const http_request& what) {
  auto give_up_at = std::chrono::steady_clock::now() + limits_.total_max;
  std::chrono::milliseconds pause{50};
  std::string last;
  for (int tries = 0; tries < limits_.tries_max && std::chrono::steady_clock::now() < give_up_at; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(std::min(pause, limits_.wait_max));
    counts_.requests.fetch_add(1, std::memory_order_relaxed);
    auto answer = client_.send(what);
    if (answer && !asks_to_repeat(*answer)) return answer;
    pause *= 2;
    if (answer) {
      counts_.refused.fetch_add(1, std::memory_order_relaxed);
      last = "status " + std::to_string(answer->status);
      if (answer->retry_after) pause = std::chrono::milliseconds{100} + *answer->retry_after;
    } else {
      counts_.cut.fetch_add(1, std::memory_order_relaxed);
      last = answer.error();
    }
  }
  return std::unexpected(std::string(what.method) + " " + what.path + " was given up: " + last);
}

}  // namespace usher::load
