// How fast somebody may guess passwords.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace usher::domain {

struct throttle_rules {
  int free_failures = 5;               ///< so many wrong passwords make nobody wait
  std::chrono::seconds wait_first{1};  ///< after the one that is too many; doubled by each further one
  std::chrono::seconds wait_max{900};
  std::chrono::seconds forget_after{1800};  ///< without a failure; longer than any wait
  std::size_t kept_max = 10'000;            ///< accounts, and as many addresses
};

/// Counts failures by account and by address, whether there is such an account or not. Bounded: when it is full, the
/// one with the fewest failures is forgotten, so that names made up by somebody do not push out the one that is being
/// guessed. Not thread-safe.
class login_throttle {
 public:
  using time = std::chrono::steady_clock::time_point;

  explicit login_throttle(throttle_rules rules = {}) : rules_(rules) {}

  /// How long the next try has to wait; zero when it may be made now.
  [[nodiscard]] std::chrono::nanoseconds wait(std::string_view account, std::uint64_t address, time now) const;
  void failed(std::string_view account, std::uint64_t address, time now);
  /// Forgets the account's failures. The address's stay: it may have a password of its own and guess others'.
  void succeeded(std::string_view account);
  /// Counts a try that was not looked at. Of accounts that have failed before only.
  void turned_away(std::string_view account);
  /// How many of them there were since it was last asked.
  [[nodiscard]] int take_turned_away(std::string_view account);

  [[nodiscard]] std::size_t kept() const noexcept { return accounts_.size() + addresses_.size(); }

 private:
  struct record {
    int failures = 0;
    time last{};
    int turned_away = 0;
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using accounts = std::unordered_map<std::string, record, hash, std::equal_to<>>;
  using addresses = std::unordered_map<std::uint64_t, record>;

  [[nodiscard]] std::chrono::nanoseconds wait_of(const record& of, time now) const;
  template <class Map, class Key>
  void count(Map& in, const Key& key, time now);

  throttle_rules rules_;
  accounts accounts_;
  addresses addresses_;
};

}  // namespace usher::domain
