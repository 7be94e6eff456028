// Where the words of a ticket are kept: a phrase is searched for, and erased, in the same places. The statements run as
// `usher_eraser`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/privacy_rows.hpp"

namespace usher::store {

/// Tickets that a phrase may be found in; more have to be narrowed.
inline constexpr int tickets_found_max = 200;

struct phrase_place {
  std::string_view word;   ///< as the API calls it
  std::string_view table;  ///< as the certificate calls it
  bool json = false;       ///< the text is JSON
  bool searched = true;    ///< copies of what stands elsewhere are erased, and not shown
  /// Ticket, key within the ticket, text: of the tickets `$1` whose text matches `$2`.
  std::string select;
  /// Puts the text `$3` where ticket `$1` has the key `$2`; `$4` is the erasure. Empty: the ticket's actor does.
  std::string update;
  std::size_t bytes_max = 0;  ///< of the text; 0: it has room
};

[[nodiscard]] std::span<const phrase_place> phrase_places();

/// The words of the search, made anew from what the ticket says now.
[[nodiscard]] scrub scrub_of_words(const domain::ticket_id& id);
/// Exports that wait to be fetched, and hold the phrase from a ticket that it was erased in.
[[nodiscard]] scrub scrub_of_exports(const domain::uuid& erasure, std::string_view phrase);

}  // namespace usher::store
