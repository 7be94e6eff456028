// The watch over bursts of tickets, for all the actors that commit them.
#pragma once

#include <mutex>

#include "domain/incident_watch.hpp"
#include "domain/ticket_events.hpp"

namespace usher::actors {

/// Thread-safe.
class incident_desk {
 public:
  explicit incident_desk(domain::incident_rules rules) : watch_(rules) {}

  /// What a committed change says; nothing for all but the one new ticket that makes a burst of them.
  [[nodiscard]] std::optional<domain::incident> note(const domain::change& what) {
    if (!what.is_creation()) return std::nullopt;
    const auto& ticket = *what.after;
    std::scoped_lock guard(mutex_);
    return watch_.note({ticket.category, ticket.organization, ticket.number, what.at});
  }

 private:
  std::mutex mutex_;
  domain::incident_watch watch_;
};

}  // namespace usher::actors
