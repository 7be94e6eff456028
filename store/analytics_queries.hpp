// Sums over tickets by the day of their creation: stored ones for the days that rest, counted anew for the others.
#pragma once

#include <string>

#include "domain/record_query.hpp"
#include "store/connection.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// One row: the text of a JSON array, its first element the whole, then the groups by key.
/// `narrowed` to one organization, everything is counted anew: what is stored is the whole desk's.
[[nodiscard]] statement analytics_statement(const domain::record_query& query, bool narrowed);

/// One row: the text of a JSON array of the rows of `usher.analytics_days` for the day of the filter `day`.
[[nodiscard]] statement day_figures_statement(const domain::record_query& query);

/// One row: the text of a JSON array of the days that are not rolled up, or have a ticket that was changed after it.
[[nodiscard]] statement changed_days_statement();

/// Puts a day's rows in the place of those that were there.
[[nodiscard]] std::vector<statement> rollup_statements(const rollup_write& what);

}  // namespace usher::store
