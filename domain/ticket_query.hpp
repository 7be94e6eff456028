// What may be asked of the store about many tickets at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/ticket.hpp"

namespace usher::domain {

inline constexpr int page_limit_default = 25;
inline constexpr int page_limit_max = 100;

enum class ticket_sort : std::uint8_t { created_at, due_at, priority, wedding };

/// Filters are combined with "and"; the values of one filter with "or"; an empty filter takes all.
struct ticket_query {
  std::vector<ticket_status> status;
  std::vector<priority> priorities;
  std::vector<std::string> categories;
  std::vector<urgency> urgencies;
  std::vector<tier> tiers;
  std::vector<std::string> assignee_ids;  ///< an empty string is "nobody"
  std::vector<organization_id> organizations;
  std::vector<int> escalation_levels;
  std::vector<std::string> tags;
  std::optional<instant> created_after;
  std::optional<instant> created_before;
  std::optional<instant> wedding_after;
  std::optional<instant> wedding_before;
  ticket_sort sort = ticket_sort::created_at;
  bool descending = true;
  int limit = page_limit_default;
  /// Where the page before ended: the opaque text that it gave.
  std::string cursor;
};

/// One page of anything.
template <class T>
struct page {
  std::vector<T> data;
  std::string next_cursor;  ///< empty when this page is the last
};

}  // namespace usher::domain
