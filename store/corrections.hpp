// Tickets whose category a person has corrected: what the classifier can learn from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "domain/ticket.hpp"
#include "store/connection.hpp"

namespace usher::store {

struct corrected_ticket {
  std::string id;
  std::string subject;
  std::string body;
  std::optional<double> hours_to_wedding;  ///< when it was written
  std::string category;                    ///< as a person has it
  domain::priority priority{};
  bool emergency = false;
};

/// The latest that are taken.
inline constexpr int corrections_max = 50'000;

/// What stands now where it differs from the latest verdict; deleted and erased tickets are left out. Read as a role
/// that can't write and that row-level security binds. Fails with the database's words.
[[nodiscard]] sql_result<std::vector<corrected_ticket>> read_corrections(const std::string& conninfo);
/// The same of the embedded database, through a running Usher's socket or by starting the server and stopping it again.
[[nodiscard]] sql_result<std::vector<corrected_ticket>> read_corrections(const std::filesystem::path& data_directory);

}  // namespace usher::store
