// The tickets that wait for an agent, in the order in which they are given out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/ticket.hpp"

namespace usher::domain {

/// By urgency, then deadline, then age. A queue a category, so that whoever has room finds its next ticket without a
/// look at the others; and one of those that have waited long enough for anybody. Not thread-safe.
class waiting_tickets {
 public:
  /// Adds a ticket, or takes its new values; it keeps the time since when it waits.
  void put(const ticket_ptr& t, instant since, bool for_anybody);
  void remove(const ticket_id& id);
  [[nodiscard]] bool contains(const ticket_id& id) const { return all_.contains(id); }
  [[nodiscard]] bool is_for_anybody(const ticket_id& id) const;
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

  /// Of those that have waited since `since_before` or longer, so many become anybody's: which ones.
  std::vector<ticket_ptr> relax(instant since_before, std::size_t at_most);
  /// Since when the one waits that becomes anybody's next.
  [[nodiscard]] std::optional<instant> next_to_relax() const;

  /// The first ticket that somebody with these skills is asked for and that `suits` accepts; it looks at no more than
  /// `looked_at_max` of each queue. `settings` tells which category asks for what.
  using check = std::function<bool(const ticket_ptr&, bool for_anybody)>;
  [[nodiscard]] ticket_ptr next_for(const agent& who, const desk_settings& settings, const check& suits) const;
  /// The first of all, in order.
  [[nodiscard]] std::vector<ticket_ptr> first(std::size_t count) const;

  static constexpr std::size_t looked_at_max = 32;

 private:
  struct rank {
    domain::urgency urgency = domain::urgency::none;
    instant due{};
    instant created{};
    ticket_id id;
    auto operator<=>(const rank&) const = default;
  };
  struct waiting {
    ticket_ptr ticket;
    rank at;
    instant since{};
    bool for_anybody = false;
  };
  using queue = std::set<rank>;

  [[nodiscard]] static rank rank_of(const ticket& t);
  void take_out(const waiting& w);
  [[nodiscard]] ticket_ptr first_of(const queue& q, bool for_anybody, const check& suits) const;

  std::unordered_map<ticket_id, waiting> all_;
  std::map<std::string, queue, std::less<>> by_category_;
  queue for_anybody_;
  std::set<std::pair<instant, ticket_id>> relax_next_;
};

}  // namespace usher::domain
