// Numbered SQL migrations, built into the program.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/connection.hpp"

namespace usher::store {

struct migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
};

/// What `store/migrations` held when the program was built, by rising version.
[[nodiscard]] std::span<const migration> embedded_migrations() noexcept;

/// A migration that was applied is not the one that the program has, or the database is newer than the program, or a
/// migration fails.
class migration_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct migration_report {
  int applied = 0;  ///< how many were missing
  int version = 0;  ///< of the schema now
};

/// Brings the schema up to date: each missing migration in a transaction of its own, all of it under an advisory lock,
/// so that two programs at once do it once. The connection's user must be a superuser, or may create roles and owns the
/// database. Throws `migration_error`, or `unavailable_error` when the connection fails.
migration_report migrate(connection& with, std::span<const migration> all = embedded_migrations());

/// The same on a connection of its own.
migration_report migrate(const connect_target& target, std::span<const migration> all = embedded_migrations());

/// How many of them a database lacks; changes nothing. Throws `migration_error` when what is applied is not what the
/// program has, or when the database does not say.
[[nodiscard]] int missing_migrations(connection& with, std::span<const migration> all = embedded_migrations());

/// SHA-256 in hexadecimal digits.
[[nodiscard]] std::string checksum(std::string_view text);

}  // namespace usher::store
