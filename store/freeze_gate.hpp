// Migrations and the freeze of wedding days.
#pragma once

#include <optional>
#include <string>

#include "domain/freeze.hpp"
#include "store/migrations.hpp"

namespace usher::store {

/// The weddings of the tickets from one instant to another (exclusive): one row, an id that means nothing and the text
/// of a JSON array.
[[nodiscard]] statement wedding_days_statement(domain::instant from, domain::instant to);

/// Whether a freeze holds, asked of a database directly, with any user that may be `usher_staff_reader`. A database
/// without a desk has no weddings. Throws `unavailable_error`.
[[nodiscard]] domain::freeze_state read_freeze(connection& with, const domain::freeze_rules& rules,
                                               domain::instant now);

/// What may be migrated now.
struct freeze_gate {
  domain::freeze_rules rules;
  domain::instant now{};
  std::string break_glass;  ///< why it is done in spite of a freeze; empty: it is not
};

struct gated_migration {
  migration_report report;
  std::optional<domain::freeze_state> held_back;  ///< what is missing stays missing for now
};

/// Brings the schema up to date unless a freeze holds; a database without a desk always gets one. Breaking the glass is
/// told by the audit trail and by an alert. Throws as `migrate` does.
gated_migration migrate(connection& with, const freeze_gate& gate,
                        std::span<const migration> all = embedded_migrations());

}  // namespace usher::store
