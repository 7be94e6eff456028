// Brings the live tickets from the store to the shards, in pages, in parallel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "actors/shard_table.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// What to load, and with how many threads.
struct recovery_plan {
  int threads = 2;
  int page_size = 2000;
  std::optional<std::size_t> only_shard;  ///< after a shard's crash
  /// Called with the number sent so far before each next page; waits while the desk has enough to do.
  std::function<void(std::int64_t)> throttle = [](std::int64_t) {};
};

/// Sends every live ticket of the plan to its shard and returns how many there were. Blocking. Throws what the store
/// throws when the database can't be read.
std::int64_t load_live_tickets(store::recovery& source, const shard_table& shards, const recovery_plan& plan);

}  // namespace usher::actors
