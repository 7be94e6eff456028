// What is like a text: finished tickets and published articles.
#pragma once

#include "domain/record_query.hpp"
#include "store/connection.hpp"

namespace usher::store {

/// The rows of `record_kind::similar`.
[[nodiscard]] statement similar_statement(const domain::record_query& query);

}  // namespace usher::store
