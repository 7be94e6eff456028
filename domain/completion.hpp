// A promise to call back exactly once.
#pragma once

#include <functional>
#include <utility>

#include "domain/error.hpp"

namespace usher::domain {

/// Move-only. Whoever holds it must answer; if it is dropped without an answer (a crashed actor, a cleared queue), the
/// caller gets `unavailable`: the outcome is not known. The callback may run on any thread and must not block.
template <class T>
class completion {
 public:
  using callback = std::move_only_function<void(result<T>)>;

  completion() = default;
  explicit completion(callback call) : call_(std::move(call)) {}
  completion(completion&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  completion& operator=(completion&& other) noexcept {
    if (this != &other) {
      drop();
      call_ = std::exchange(other.call_, nullptr);
    }
    return *this;
  }
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;
  ~completion() { drop(); }

  void operator()(result<T> answer) {
    if (auto call = std::exchange(call_, nullptr)) call(std::move(answer));
  }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(call_); }

 private:
  void drop() noexcept {
    if (auto call = std::exchange(call_, nullptr)) call(fail(errc::unavailable));
  }

  callback call_ = nullptr;
};

}  // namespace usher::domain
