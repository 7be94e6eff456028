#include "app/heartbeat.hpp"

#include <condition_variable>
#include <mutex>

#include "metrics/log/log.hpp"

namespace usher::app {

namespace {

using namespace std::chrono_literals;

constexpr outbox::http_limits limits{.connect_max = 3s, .total_max = 8s, .response_bytes_max = 16 * 1024};

}  // namespace

// The operator's own settings name the URL: it may lead anywhere.
heartbeat::heartbeat(std::string url, domain::milliseconds interval, std::function<bool()> well)
    : url_(std::move(url)),
      interval_(interval),
      well_(std::move(well)),
      client_(outbox::egress_policy::unrestricted(), limits) {}

void heartbeat::start() {
  if (url_.empty()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void heartbeat::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void heartbeat::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  bool failing = false;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, interval_, [] { return false; });
    }
    if (stop.stop_requested()) return;
    if (!well_()) {
      log::warn("the heartbeat is held back: the desk is not well");
      continue;
    }
    outbox::http_request ping;
    ping.method = outbox::http_request::verb::get;
    ping.url = url_;
    const auto answer = client_.send(ping, stop);
    const bool failed = answer.status < 200 || answer.status >= 300;
    // One line when it begins, not one a minute; the URL may hold a secret.
    if (failed && !failing && !stop.stop_requested())
      log::warn("the heartbeat is not taken", {{"status", answer.status}, {"reason", answer.detail}});
    failing = failed;
  }
}

}  // namespace usher::app
