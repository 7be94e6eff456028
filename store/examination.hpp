// What `usher doctor` wants to know of a database.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/connection.hpp"
#include "store/migrations.hpp"

namespace usher::store {

/// One line of the doctor's.
struct finding {
  std::string name;   ///< what was looked at: a word or two
  bool well = false;  ///< false: it needs somebody's hand
  std::string words;  ///< what was found; no secrets, one line
};

/// How far the database's clock and ours may be apart, beside what the question took.
inline constexpr std::chrono::milliseconds clock_skew_max{1'000};

/// Looks at a database through `target` and changes nothing: `database` (reachable, version 15 or above, durable, roles
/// that row-level security binds), `migrations` (all there, unchanged) and `clock`. What can't be looked at because of
/// an earlier finding is left out. Takes no longer than about ten seconds. Never throws for what the database says.
[[nodiscard]] std::vector<finding> examine_database(const connect_target& target,
                                                    std::span<const migration> all = embedded_migrations());

/// The same for the embedded one: through the socket of a running Usher, or by starting the server and stopping it
/// again. A directory without a database stays as it is, which is a finding.
[[nodiscard]] std::vector<finding> examine_database(const std::filesystem::path& data_directory);

/// Calls `use` with a superuser's way into the embedded database: through the socket of a running Usher, or to a server
/// that is started for it and stopped again. Throws `std::runtime_error` when there is none, or it can't be started.
void with_embedded(const std::filesystem::path& data_directory, const std::function<void(const connect_target&)>& use);

}  // namespace usher::store
