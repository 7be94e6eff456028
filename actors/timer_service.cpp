#include "actors/timer_service.hpp"

#include <utility>

namespace usher::actors {

timer_service::timer_service(const domain::clock_port& clock, std::size_t shards) : clock_(clock) {
  for (std::size_t i = 0; i < shards; ++i) wheels_.push_back(std::make_unique<shard_wheel>(clock.now()));
}

void timer_service::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void timer_service::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

timer_handle timer_service::arm(std::size_t shard, domain::ticket_id id, domain::instant when,
                                std::uint32_t generation) {
  auto& w = *wheels_[shard];
  std::scoped_lock guard(w.mutex);
  return w.wheel.arm(id, when, generation);
}

void timer_service::cancel(std::size_t shard, timer_handle handle) {
  if (handle.index == timer_handle::none) return;
  auto& w = *wheels_[shard];
  std::scoped_lock guard(w.mutex);
  w.wheel.cancel(handle);
}

void timer_service::advance() {
  auto now = clock_.now();
  for (std::size_t shard = 0; shard < wheels_.size(); ++shard) {
    std::vector<due_timer> due;
    {
      std::scoped_lock guard(wheels_[shard]->mutex);
      wheels_[shard]->wheel.advance(now, due);
    }
    if (!due.empty()) handler_(shard, std::move(due));
  }
}

std::size_t timer_service::armed() const {
  std::size_t sum = 0;
  for (const auto& w : wheels_) {
    std::scoped_lock guard(w->mutex);
    sum += w->wheel.armed();
  }
  return sum;
}

void timer_service::run(const std::stop_token& stop) {
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    advance();
    next = std::max(next + deadline_wheel::tick, std::chrono::steady_clock::now());
    std::this_thread::sleep_until(next);
  }
}

}  // namespace usher::actors
