// Takes down what the lanes measure. Thread-safe.
#pragma once

#include <mutex>
#include <utility>

#include "loadtest/measures.hpp"

namespace usher::load {

class recorder {
 public:
  void add(const sample& what) {
    std::scoped_lock guard(mutex_);
    slot_.add(what);
  }
  /// A journey began, so late.
  void began(nanoseconds lag) {
    std::scoped_lock guard(mutex_);
    slot_.lag.record(lag);
    ++slot_.journeys;
  }
  /// A thought ended, so late.
  void woke(nanoseconds lag) {
    std::scoped_lock guard(mutex_);
    slot_.lag.record(lag);
  }
  void dropped() {
    std::scoped_lock guard(mutex_);
    ++slot_.dropped;
  }
  void skipped() {
    std::scoped_lock guard(mutex_);
    ++slot_.skipped;
  }

  /// What came since the last call, of which `seconds` have passed.
  [[nodiscard]] measures take(double seconds) {
    std::scoped_lock guard(mutex_);
    measures out = std::exchange(slot_, {});
    out.seconds = seconds;
    return out;
  }

 private:
  std::mutex mutex_;
  measures slot_;
};

}  // namespace usher::load
