// The organizations, in memory: a ticket's creation needs its tier at once.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "domain/organization.hpp"

namespace usher::actors {

/// Holds what is committed. Thread-safe.
class organization_directory {
 public:
  [[nodiscard]] std::optional<domain::organization> find(domain::organization_id id) const {
    std::shared_lock guard(mutex_);
    auto found = all_.find(id);
    if (found == all_.end()) return std::nullopt;
    return found->second;
  }

  /// Takes a committed value, unless a newer one is here already.
  void learn(const domain::organization& what) {
    std::unique_lock guard(mutex_);
    auto& slot = all_[what.id];
    if (slot.id.is_nil() || slot.version <= what.version) slot = what;
  }

 private:
  mutable std::shared_mutex mutex_;
  boost::unordered_flat_map<domain::organization_id, domain::organization, std::hash<domain::organization_id>> all_;
};

}  // namespace usher::actors
