// Which actor is which shard, for those outside the actors.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <vector>

#include "actors/caf_compat.hpp"

namespace usher::actors {

/// Thread-safe: a shard that crashed is replaced while others look it up.
class shard_table {
 public:
  explicit shard_table(std::size_t shards) : actors_(shards) {}

  [[nodiscard]] caf::actor at(std::size_t index) const {
    std::shared_lock guard(mutex_);
    return actors_[index];
  }
  void set(std::size_t index, caf::actor actor) {
    std::unique_lock guard(mutex_);
    actors_[index] = std::move(actor);
  }
  [[nodiscard]] std::size_t size() const noexcept { return actors_.size(); }
  /// Lets go of all actors, so that the system can end.
  void clear() {
    std::unique_lock guard(mutex_);
    for (auto& actor : actors_) actor = nullptr;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::vector<caf::actor> actors_;
};

}  // namespace usher::actors
