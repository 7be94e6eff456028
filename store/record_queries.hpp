// Records that are only shown, as SQL.
#pragma once

#include "domain/record_query.hpp"
#include "store/connection.hpp"
#include "store/cursor.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// What makes this list another one than the next.
[[nodiscard]] list_fingerprint fingerprint_of(const domain::record_query& query, const scope& who);

/// Rows of `id, json`, in the list's order, those after `after` (nil: from the beginning).
[[nodiscard]] statement record_statement(const domain::record_query& query, const scope& who, const domain::uuid& after,
                                         int limit);

/// The words of a filter; none when it was not given.
[[nodiscard]] std::vector<std::string> words_of(const domain::record_query& query, std::string_view name);

}  // namespace usher::store
