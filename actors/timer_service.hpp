// Drives the deadline wheels, one a shard, with a single tick.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/deadline_wheel.hpp"
#include "domain/time.hpp"

namespace usher::actors {

/// `arm` and `cancel` may be called from any thread; a ticket only ever uses the wheel of its shard, so the lock of a
/// wheel is hardly ever contended.
class timer_service {
 public:
  using on_due = std::function<void(std::size_t shard, std::vector<due_timer> due)>;

  timer_service(const domain::clock_port& clock, std::size_t shards);
  ~timer_service() { stop(); }
  timer_service(const timer_service&) = delete;
  timer_service& operator=(const timer_service&) = delete;

  /// Says who is told; before `start`, and before the first `advance`.
  void set_handler(on_due handler) { handler_ = std::move(handler); }

  /// Starts the thread that calls `advance` every tick. Tests with a clock of their own call `advance` instead.
  void start();
  void stop();

  timer_handle arm(std::size_t shard, domain::ticket_id id, domain::instant when, std::uint32_t generation);
  void cancel(std::size_t shard, timer_handle handle);

  /// Hands out all that is due by now.
  void advance();

  [[nodiscard]] std::size_t armed() const;

 private:
  struct shard_wheel {
    explicit shard_wheel(domain::instant now) : wheel(now) {}
    mutable std::mutex mutex;
    deadline_wheel wheel;
  };

  void run(const std::stop_token& stop);

  const domain::clock_port& clock_;
  std::vector<std::unique_ptr<shard_wheel>> wheels_;
  on_due handler_;
  std::jthread thread_;
};

}  // namespace usher::actors
