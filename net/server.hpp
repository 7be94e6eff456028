// The front door: listens, and deals connections to the io threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "net/services.hpp"

namespace usher::net {

class server {
 public:
  /// `io_threads` is at least 1. Nothing runs before `start`.
  server(front_door door, unsigned io_threads);
  /// Stops what is still running; a request that waits for the desk gets no answer then.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Listens; port 0 picks a free one. Gives the port. Throws `std::runtime_error` when the address is none, or is
  /// taken.
  std::uint16_t start(const std::string& address, std::uint16_t port);

  /// From now on nobody gets in, and each answer is the last one on its connection.
  void stop_accepting();
  /// `stop_accepting`, then waits for what is in flight. False when connections were left after `limit`.
  bool drain(std::chrono::milliseconds limit);
  /// Cuts what is left, and joins the io threads.
  void stop();

  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace usher::net
