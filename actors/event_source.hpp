// What a follower of the desk's events holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/completion.hpp"
#include "domain/event_feed.hpp"

namespace usher {

/// What a follower wants to hear of.
struct event_filter {
  std::vector<domain::event_type> types;  ///< empty: all
  std::optional<domain::ticket_id> ticket;

  [[nodiscard]] bool takes(const domain::feed_event& e) const noexcept;
};

/// An event and its place in the stream.
struct event_line {
  std::string position;
  std::shared_ptr<const domain::feed_event> event;
};

/// One follower's events, in order. Dropped, it follows no longer. One question at a time.
class event_source {
 public:
  virtual ~event_source() = default;
  /// The place before the first event: whoever has heard nothing yet goes on from there.
  [[nodiscard]] virtual const std::string& start() const noexcept = 0;
  /// Calls back with some events, which may be none, as soon as there is something new; on any thread. Errors:
  /// `overloaded` when the follower is too far behind, `shutting_down`, and what a read from the store may say.
  virtual void next(domain::completion<std::vector<event_line>> done) = 0;
};

}  // namespace usher
