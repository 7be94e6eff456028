// What the monitor shows to those outside the actors.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "actors/shared_slot.hpp"

namespace usher::actors {

/// Thread-safe.
class monitor_board {
 public:
  /// The latest snapshot as the text of a JSON object; null before the first one.
  [[nodiscard]] std::shared_ptr<const std::string> latest() const { return latest_.get(); }
  void show(std::string snapshot) { latest_.set(std::make_shared<const std::string>(std::move(snapshot))); }

  /// Rounds in which the snapshot was stored and the audit found every clock watched.
  [[nodiscard]] std::int64_t good_rounds() const noexcept { return good_rounds_.load(); }
  void count_good_round() noexcept { good_rounds_.fetch_add(1); }
  [[nodiscard]] std::int64_t rounds() const noexcept { return rounds_.load(); }
  void count_round() noexcept { rounds_.fetch_add(1); }

 private:
  shared_slot<const std::string> latest_;
  std::atomic<std::int64_t> good_rounds_{0};
  std::atomic<std::int64_t> rounds_{0};
};

}  // namespace usher::actors
