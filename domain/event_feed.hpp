// The desk's events as a stream sends them: as they happen, and again from the audit trail.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/desk_event.hpp"

namespace usher::domain {

/// An event, told once to all who follow.
struct feed_event {
  uuid id;
  event_type type = event_type::ticket_updated;
  organization_id organization;  ///< nil: the desk's own
  std::optional<ticket_id> ticket;
  std::string payload;
};

[[nodiscard]] std::vector<feed_event> feed_of(const change& what);
[[nodiscard]] feed_event feed_of(const alert_event& what);

/// An entry of the audit trail.
struct trail_entry {
  uuid id;
  organization_id organization;
  std::optional<ticket_id> ticket;
  instant at{};
  std::string details;  ///< the text of a JSON object
};

/// What the trail keeps of events, the text of a JSON array: `id`, `type` and what is particular to each.
[[nodiscard]] std::string trail_of(const change& what);
[[nodiscard]] std::string trail_of(const alert_event& what);

/// The events of an entry, told again: the same ids and particulars; of the ticket, the state that it has now. Null for
/// a ticket that is erased: of that nothing is told any more.
[[nodiscard]] std::vector<feed_event> feed_of(const trail_entry& entry, const domain::ticket* now);

}  // namespace usher::domain
