// Where the live tickets' actors publish their last committed state, for whoever only wants to look.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "domain/ticket.hpp"

namespace usher::actors {

/// A ticket's actor is the only one that publishes it, after each commit and before the commit is answered: whoever has
/// seen an answer sees its effect here. Readers get a constant value and never wait for an actor. Thread-safe.
class ticket_directory {
 public:
  /// The last committed state of a live ticket; null when no actor has it.
  [[nodiscard]] domain::ticket_ptr find(domain::ticket_id id) const {
    const auto& s = stripe_of(id);
    std::shared_lock guard(s.mutex);
    auto found = s.tickets.find(id);
    return found == s.tickets.end() ? nullptr : found->second;
  }

  /// Calls with each live ticket, as it was at some moment of the walk.
  template <class Call>
  void for_each(Call call) const {
    for (const auto& s : stripes_) {
      std::vector<domain::ticket_ptr> here;
      {
        std::shared_lock guard(s.mutex);
        here.reserve(s.tickets.size());
        for (const auto& [id, ticket] : s.tickets) here.push_back(ticket);
      }
      for (const auto& ticket : here) call(ticket);
    }
  }

  void publish(domain::ticket_ptr ticket) {
    auto& s = stripe_of(ticket->id);
    std::unique_lock guard(s.mutex);
    s.tickets.insert_or_assign(ticket->id, std::move(ticket));
  }

  void remove(domain::ticket_id id) {
    auto& s = stripe_of(id);
    std::unique_lock guard(s.mutex);
    s.tickets.erase(id);
  }

 private:
  static constexpr std::size_t stripes = 64;

  struct stripe {
    mutable std::shared_mutex mutex;
    boost::unordered_flat_map<domain::ticket_id, domain::ticket_ptr, std::hash<domain::ticket_id>> tickets;
  };

  // The map's own hash uses the low bits; a stripe is chosen by others, or every map would fill a 64th of its slots.
  [[nodiscard]] static std::size_t stripe_index(domain::ticket_id id) noexcept {
    return (std::hash<domain::ticket_id>{}(id) >> 40U) % stripes;
  }
  [[nodiscard]] stripe& stripe_of(domain::ticket_id id) { return stripes_[stripe_index(id)]; }
  [[nodiscard]] const stripe& stripe_of(domain::ticket_id id) const { return stripes_[stripe_index(id)]; }

  std::array<stripe, stripes> stripes_;
};

}  // namespace usher::actors
