// What follows from a route's line in the table: how much it matters when there is too much to do, and whether it
// changes what holds for every organization. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace usher::net {

struct route;

/// When the desk has more to do than it can, what is last here is refused first.
enum class importance : std::uint8_t {
  vital,   ///< health, metrics, and pages that are constants: never refused
  urgent,  ///< what is done about a wedding day: emergencies, and tickets whose day it is
  write,   ///< any other change
  read,    ///< one thing
  list,    ///< many things: lists, search, sums, streams, and changes of many tickets
};
inline constexpr std::array<std::string_view, 5> importance_words{"vital", "urgent", "write", "read", "list"};
[[nodiscard]] constexpr std::string_view to_word(importance i) noexcept {
  return importance_words[static_cast<std::size_t>(i)];
}

struct route_traits {
  importance matters = importance::vital;
  bool changes = false;       ///< it waits for the writers, not for the readers
  bool names_ticket = false;  ///< its first parameter is a ticket
  bool creates_ticket = false;
  /// It changes what holds for every organization: not for those who are narrowed to one.
  bool whole_desk = false;
};

[[nodiscard]] route_traits traits_of(const route& r) noexcept;

}  // namespace usher::net
