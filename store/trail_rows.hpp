// The audit trail as the source of events that somebody has missed.
#pragma once

#include <vector>

#include "store/connection.hpp"
#include "store/ports.hpp"

namespace usher::store {

[[nodiscard]] statement trail_statement(const trail_query& query);
[[nodiscard]] std::vector<domain::trail_entry> read_trail(const rows& from);

}  // namespace usher::store
