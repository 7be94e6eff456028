// A PostgreSQL that belongs to a test, not to the server: it can be stopped without the server starting it again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

namespace usher::test {

/// Initialised and started at construction, on a private socket; stopped and removed at destruction, or when the test
/// dies. Throws `std::runtime_error` when a step fails.
class pg_cluster {
 public:
  pg_cluster();
  ~pg_cluster();
  pg_cluster(const pg_cluster&) = delete;
  pg_cluster& operator=(const pg_cluster&) = delete;

  /// Cuts its connections, writes a checkpoint, and ends.
  void stop();
  void start();
  /// As its superuser, on the empty database `usher`.
  [[nodiscard]] std::string connection_string() const;

 private:
  [[nodiscard]] std::vector<std::string> command(const std::string& program, std::vector<std::string> arguments) const;
  [[nodiscard]] bool answers() const;

  temp_dir dir_;
  std::filesystem::path home_;
  std::filesystem::path programs_;
  child_process server_;
};

}  // namespace usher::test
