// Is everything there that was acknowledged?
#pragma once

#include <string>
#include <vector>

#include "tests/support/load.hpp"

namespace usher::test {

/// Compares a ledger with what the desk serves and with what the database holds: everything acknowledged is there once,
/// a ticket has one audit entry for each version from 1 on, its clocks are those that its stored events give, and their
/// deadlines have not moved. Gives a sentence for each difference, and none when all is well.
[[nodiscard]] std::vector<std::string> differences(desk& d, const ledger& what);

}  // namespace usher::test
