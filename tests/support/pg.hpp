// A look into the database, past the server.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct pg_conn;

namespace usher::test {

using pg_row = std::vector<std::optional<std::string>>;

/// A blocking connection; every failure throws `std::runtime_error` with PostgreSQL's words.
class pg {
 public:
  explicit pg(const std::string& connection_string);
  ~pg();
  pg(const pg&) = delete;
  pg& operator=(const pg&) = delete;

  /// The rows of one statement, values as text.
  std::vector<pg_row> rows(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// The only value of the only row.
  [[nodiscard]] std::string value(const std::string& sql, const std::vector<std::string>& parameters = {});
  [[nodiscard]] long count(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// Several statements without parameters.
  void run(const std::string& sql);

 private:
  ::pg_conn* connection_ = nullptr;
};

/// How to reach, as its superuser, the embedded PostgreSQL of a data directory: its socket lies in `run/`.
[[nodiscard]] std::string embedded_database(const std::filesystem::path& data);

}  // namespace usher::test
