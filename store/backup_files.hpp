// A backup as files: its manifest, its checksums, its name, and how long it is kept. No database here.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "domain/time.hpp"

namespace usher::store {

/// A backup can't be made, or is not one that may be restored: in plain words.
class backup_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct backup_file {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;  ///< hexadecimal
};

/// What a table held at the backup's instant. Equal rows in any order have an equal sum.
struct table_sum {
  std::string table;
  std::int64_t rows = 0;
  std::string sum;

  bool operator==(const table_sum&) const = default;
};

struct backup_role {
  std::string name;
  bool logs_in = false;
  bool inherits = true;
  std::vector<std::string> member_of{};  ///< roles of the desk that it may become
};

struct backup_manifest {
  std::string usher_version;
  std::string postgres_version;
  int schema = 0;  ///< the migration that it is at
  domain::instant taken_at{};
  std::vector<backup_role> roles;
  std::vector<backup_file> files;
  std::vector<table_sum> tables;
};

inline constexpr std::string_view dump_name = "database.dump";
/// Of a data directory: what signs tokens, links and checkpoints. Parts of a backup, readable by their owner only.
inline constexpr std::string_view key_names[] = {"jwt.key", "link.key", "audit.key", "audit.key.pub"};

/// SHA-256 of a file. Throws `backup_error` when it can't be read.
[[nodiscard]] std::string checksum_of_file(const std::filesystem::path& path);

/// Fills in the files and writes `manifest.json` and its own checksum, all of it to the disk.
void write_manifest(const std::filesystem::path& directory, backup_manifest what);
/// Reads a backup's manifest and compares every file with it. Throws `backup_error` for whatever is damaged or missing.
[[nodiscard]] backup_manifest check_backup(const std::filesystem::path& directory);

/// `usher-2026-06-13T190000.000Z`.
[[nodiscard]] std::string backup_name(domain::instant at);
/// Deletes what is older than `keep`, never the newest. What is no backup of ours stays. How many went.
int rotate_backups(const std::filesystem::path& directory, domain::instant now, std::chrono::milliseconds keep);

/// Throws `backup_error` when the file system of `directory` has less free than `bytes` and a reserve.
void need_space(const std::filesystem::path& directory, std::uint64_t bytes);

/// Writes what is in the cache of the system for a directory or a file to the disk. Throws `backup_error`.
void sync_to_disk(const std::filesystem::path& path);

}  // namespace usher::store
