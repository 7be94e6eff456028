// A PostgreSQL that belongs to a test, not to the server: it can be stopped without the server starting it again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace usher::test {

/// Initialised and started at construction, on a private socket; stopped and removed at destruction. Throws
/// `std::runtime_error` with the tool's words.
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
  void tool(const std::string& name, std::vector<std::string> arguments) const;

  temp_dir dir_;
  std::filesystem::path programs_;
  bool running_ = false;
};

}  // namespace usher::test
