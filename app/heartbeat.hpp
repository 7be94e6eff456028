// Tells somebody outside that the desk is well: who hears nothing for a while looks after it.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "domain/time.hpp"
#include "outbox/http_client.hpp"

namespace usher::app {

/// Sends a GET to a URL at each interval, for as long as `well` says so. On a thread of its own, with its own
/// connection: nothing of the desk waits for it.
class heartbeat {
 public:
  heartbeat(std::string url, domain::milliseconds interval, std::function<bool()> well);
  /// Ends within a moment, also in the middle of a request.
  ~heartbeat() { stop(); }
  heartbeat(const heartbeat&) = delete;
  heartbeat& operator=(const heartbeat&) = delete;

  void start();
  void stop();

 private:
  void run(const std::stop_token& stop);

  std::string url_;
  domain::milliseconds interval_;
  std::function<bool()> well_;
  outbox::http_client client_;
  std::jthread thread_;
};

}  // namespace usher::app
