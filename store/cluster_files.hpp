// The files of the embedded PostgreSQL: finding its programs, making the cluster, settings, and what a crash left
// behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "store/child_process.hpp"

namespace usher::store {

/// The programs of one PostgreSQL.
struct postgres_programs {
  std::filesystem::path directory;
  int major = 0;
};

/// Prefers `wanted` (the version of existing data), then 15, then the newest above, then what PATH has. Throws
/// `std::runtime_error` when there is none of version 15 or above.
[[nodiscard]] postgres_programs find_programs(std::optional<int> wanted);

/// Whether an Usher holds the directory's lock.
[[nodiscard]] bool is_in_use(const std::filesystem::path& directory);
/// Where the server of a directory that is in use listens.
[[nodiscard]] std::filesystem::path sockets_in(const std::filesystem::path& directory);

/// Where everything of one embedded server lies.
class cluster_files {
 public:
  /// `directory` is made if it is not there. `as` is whom the server runs as; absent is who we are. Throws
  /// `std::runtime_error` when that user can't reach the directory, naming the closed one.
  cluster_files(const std::filesystem::path& directory, std::optional<identity> as);
  ~cluster_files();
  cluster_files(const cluster_files&) = delete;
  cluster_files& operator=(const cluster_files&) = delete;

  /// One Usher a directory. Throws `std::runtime_error` for the second.
  void lock();
  /// The major version of the data; nothing before the first start.
  [[nodiscard]] std::optional<int> data_version() const;
  /// Makes the cluster if there is none, so that a crash in between leaves nothing half-made, and writes its settings.
  void prepare(const postgres_programs& programs);
  /// Deals with a `postmaster.pid` that is in the way: waits out or stops a server that outlived us, removes a file
  /// whose process is another program by now.
  void clear_way() const;
  /// Opens `postgres.log` for appending, after putting it aside when it is over 16 MB. The caller closes it.
  [[nodiscard]] int open_log() const;
  /// The end of the log, for an error at the start.
  [[nodiscard]] std::string log_tail() const;

  [[nodiscard]] const std::filesystem::path& data() const noexcept { return data_; }
  [[nodiscard]] const std::filesystem::path& sockets() const noexcept { return sockets_; }
  [[nodiscard]] const std::optional<identity>& user() const noexcept { return as_; }

 private:
  void make_directory(const std::filesystem::path& path) const;
  void check_reachable() const;
  void initialize(const postgres_programs& programs) const;
  void write_settings() const;
  void choose_sockets();
  void remove_socket_directory() const;

  std::filesystem::path directory_;
  std::filesystem::path data_;
  std::filesystem::path sockets_;
  std::optional<identity> as_;
  int lock_ = -1;
};

}  // namespace usher::store
