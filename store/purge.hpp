// Erasing for good what has been kept as long as it may be.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "store/connection.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// The tables with rows of a ticket that go with it, in the order in which they go. The audit trail stays: it names
/// what was changed, and quotes no customer.
[[nodiscard]] std::span<const std::string_view> tables_of_a_ticket() noexcept;

/// What there is to purge: three answers, for `read_expired`.
[[nodiscard]] std::vector<statement> expired_statements(const expiry& limits);
[[nodiscard]] expired_rows read_expired(std::span<const rows> answers);

/// The deletions. Each row is judged again: a ticket that was restored meanwhile stays.
[[nodiscard]] std::vector<statement> purge_statements(const purge_write& what);

}  // namespace usher::store
