// Waiting for something that another process does.
#pragma once

#include <chrono>
#include <thread>

namespace usher::test {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Asks until the answer is true, or the time is up; says which.
template <class Question>
[[nodiscard]] bool wait_until(Question question, std::chrono::milliseconds at_most,
                              std::chrono::milliseconds every = 10ms) {
  auto deadline = steady::now() + at_most;
  while (!question()) {
    if (steady::now() >= deadline) return false;
    std::this_thread::sleep_for(every);
  }
  return true;
}

}  // namespace usher::test
