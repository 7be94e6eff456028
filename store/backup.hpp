// Backups of a desk's database: taken while it runs, proven by a restore, restored into nothing but an empty place.
#pragma once

#include <filesystem>
#include <string>

#include "store/backup_files.hpp"
#include "store/connection.hpp"

namespace usher::store {

struct backup_request {
  std::string conninfo;        ///< of a database outside, by a user that row-level security does not bind; or
  std::filesystem::path data;  ///< of the embedded one, that runs or not; its keys are part of the backup
  std::filesystem::path out;   ///< holds one directory a backup
  std::string usher_version;
  domain::instant now{};
  std::chrono::milliseconds keep{};
};

struct backup_report {
  std::filesystem::path path;
  std::int64_t rows = 0;
  int tables = 0;
  std::uint64_t bytes = 0;  ///< of the dump
  int rotated = 0;
};

/// Dumps the database as of one snapshot, sums up every table as of the same, restores the dump into a server of its
/// own on a private socket, compares, and only then gives the backup its name. Throws `std::runtime_error` in plain
/// words. A backup that was interrupted is never taken for one; the next run clears it away.
backup_report make_backup(const backup_request& request);

/// Restores into a data directory that is empty or not there, which gets its name when all of it is there and compared.
/// Throws `std::runtime_error`: a damaged backup, a directory with something in it, a table that differs.
backup_manifest restore_backup(const std::filesystem::path& backup, const std::filesystem::path& data);

/// Count and content of every table of the desk, by name, in the transaction that `with` is in, or a moment's.
[[nodiscard]] std::vector<table_sum> sum_tables(connection& with);

}  // namespace usher::store
