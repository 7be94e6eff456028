// Lists of tickets as SQL: filters as parameters, pages by keyset.
#pragma once

#include <optional>
#include <string>

#include "domain/ticket_query.hpp"
#include "store/connection.hpp"
#include "store/cursor.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// What makes this list another one than the next: a cursor of one is refused by the other. The limit doesn't count.
[[nodiscard]] list_fingerprint fingerprint_of(const domain::ticket_query& query, const scope& who);

/// Whether rows may lack the sort's key; those come last in both directions, in a part of the list of their own.
[[nodiscard]] bool has_nulls(domain::ticket_sort sort) noexcept;

/// One part of a list: the rows that have the sort's key, or those that lack it. Its rows are `id, key, second` (the
/// numbers of a `place`). `after` is where the page before ended, in the same part; absent at its beginning.
[[nodiscard]] statement list_statement(const domain::ticket_query& query, bool nulls, const std::optional<place>& after,
                                       int limit);

}  // namespace usher::store
