// What may be asked of the store about many tickets at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ticket.hpp"

namespace usher::domain {

inline constexpr int page_limit_default = 25;
inline constexpr int page_limit_max = 100;

/// `relevance` ranks by `text`, best first.
enum class ticket_sort : std::uint8_t { created_at, due_at, priority, wedding, relevance };

/// What the clocks of a ticket say, as a filter: a breach is recorded; a running clock has used up
/// `at_risk_percent` of its target and is not over it.
enum class sla_filter : std::uint8_t { breached, at_risk };

[[nodiscard]] constexpr std::optional<sla_filter> parse_sla_filter(std::string_view word) noexcept {
  if (word == "breached") return sla_filter::breached;
  if (word == "at_risk") return sla_filter::at_risk;
  return std::nullopt;
}

/// The longest text that is searched for, in characters.
inline constexpr std::size_t query_characters_max = 200;

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
  std::vector<sla_filter> sla;
  std::vector<std::string> tags;
  std::optional<instant> created_after;
  std::optional<instant> created_before;
  std::optional<instant> wedding_after;
  std::optional<instant> wedding_before;
  /// Words to look for in subject, body and public messages; empty looks for nothing. A ticket has them all, each in
  /// full, in another form of the word, or as the beginning of a word, with or without accents.
  std::string text;
  /// When it is asked: what is at risk depends on it.
  instant now{};
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
