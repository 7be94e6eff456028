// A shared value that many look at and few replace.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace usher::actors {

/// Thread-safe; whoever looks keeps what it saw. Not std::atomic<std::shared_ptr>: libstdc++ 12 has a lock in there as
/// well, and its load lets go of it without ordering what it has read before a store that follows.
template <class T>
class shared_slot {
 public:
  shared_slot() = default;
  explicit shared_slot(std::shared_ptr<T> first) : now_(std::move(first)) {}

  [[nodiscard]] std::shared_ptr<T> get() const {
    std::scoped_lock guard(mutex_);
    return now_;
  }
  /// What was there is let go of by the caller's thread, outside the lock.
  void set(std::shared_ptr<T> next) {
    std::scoped_lock guard(mutex_);
    now_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> now_;
};

}  // namespace usher::actors
