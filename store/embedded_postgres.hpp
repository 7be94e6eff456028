// The desk's own PostgreSQL: the real server as a child process, on a private socket, for as long as we live.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace usher::store {

/// Runs as user `postgres` when we are root, as ourselves otherwise. A server that dies is started again; one that we
/// leave behind when we are killed gets a signal from the kernel and shuts down by itself.
class embedded_postgres {
 public:
  struct settings {
    std::filesystem::path directory;  ///< data in DIR/postgres, the socket in DIR/run, the log in DIR/postgres.log
    std::chrono::milliseconds start_max{
        60'000};                                ///< to the first sign of life; a recovery that goes on may take longer
    std::chrono::milliseconds stop_max{5'000};  ///< for a fast shutdown, before an immediate one
  };

  explicit embedded_postgres(settings how);
  /// Stops the server.
  ~embedded_postgres();
  embedded_postgres(const embedded_postgres&) = delete;
  embedded_postgres& operator=(const embedded_postgres&) = delete;

  /// Makes the cluster and the database `usher` at first, starts the server, and returns when it takes connections.
  /// Throws `std::runtime_error` in plain words: another Usher on the directory, a directory that is closed to
  /// `postgres`, another major version, no PostgreSQL, a server that doesn't start (with the end of its log).
  void start();
  /// Stops the server in order: its transactions are rolled back, its data are written. Not started: does nothing.
  void stop() noexcept;

  /// libpq's connection string for a role, e.g. `usher_writer`.
  [[nodiscard]] std::string conninfo(std::string_view role) const;
  /// The same for the server of another Usher that runs on the directory; nothing when none does.
  [[nodiscard]] static std::optional<std::string> running(const std::filesystem::path& directory,
                                                          std::string_view role);
  /// The server's process; 0 while there is none.
  [[nodiscard]] pid_t pid() const noexcept;

 private:
  class supervisor;

  settings how_;
  std::unique_ptr<supervisor> supervisor_;
};

}  // namespace usher::store
