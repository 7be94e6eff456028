// The policies that stored clocks go by: one value for all that are equal.
#pragma once

#include <mutex>
#include <string_view>
#include <unordered_map>

#include "domain/clock_policy.hpp"

namespace usher::store {

/// Thread-safe. A desk has few policies, and their rows never change.
class policy_shelf {
 public:
  /// The policy with this id, made from its text when it is new. Throws `unknown_word` when the text makes no sense.
  [[nodiscard]] domain::clock_policy_ptr take(const domain::uuid& id, std::string_view content);
  /// Null when it was never taken.
  [[nodiscard]] domain::clock_policy_ptr find(const domain::uuid& id) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<domain::uuid, domain::clock_policy_ptr> policies_;
};

}  // namespace usher::store
