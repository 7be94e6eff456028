// Whether the audit trail is what was written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "store/connection.hpp"
#include "store/examination.hpp"

namespace usher::store {

/// The end of an organization's chain, as it was at some time.
struct chain_head {
  domain::uuid organization;
  std::int64_t seq = 0;
  std::string hash;  ///< 32 bytes
};

/// Every chain's end, by organization. Errors: the database's.
[[nodiscard]] sql_result<std::vector<chain_head>> read_chain_heads(connection& with, steady_time deadline);

/// Recomputes every link and looks for every entry: the finding `audit trail` counts them, or names the first break, by
/// organization, link and entry. `known` are ends from a checkpoint: their links have to be there still, so that
/// nothing was cut off before them. Reads the whole trail.
[[nodiscard]] finding examine_audit(connection& with, const std::vector<chain_head>& known, steady_time deadline);

}  // namespace usher::store
