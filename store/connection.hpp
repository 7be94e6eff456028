// One connection to PostgreSQL: a thin wrapper of libpq whose every wait has a deadline of our own.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "store/errors.hpp"
#include "store/wire.hpp"

struct pg_conn;

namespace usher::store {

using steady_time = std::chrono::steady_clock::time_point;

/// Where and as whom to connect.
struct connect_target {
  std::string conninfo;  ///< libpq's connection string or URI
  std::string options;   ///< further command-line options of the session, e.g. `-c role=usher_writer`
};

/// One statement of a pipeline. With a name it is prepared once a connection; without, it is planned anew each time.
struct statement {
  std::string name;
  std::string sql;
  parameters params;
};

/// Not thread-safe. After a lost connection or a timeout it is closed and stays so: what the server still does is not
/// known, so it must never serve anybody else (server-side timeouts don't help against a backend that stands still).
class connection {
 public:
  /// Connects, or says why not.
  [[nodiscard]] static sql_result<connection> open(const connect_target& target, steady_time deadline);

  /// One statement with binary parameters and a binary result.
  [[nodiscard]] sql_result<rows> query(const std::string& sql, const parameters& params, steady_time deadline);
  /// Any number of statements without parameters; the result is the last one's, as text.
  [[nodiscard]] sql_result<rows> script(const std::string& sql, steady_time deadline);
  /// All statements in one round trip, a result each. The first failure ends it: what follows is not executed, and an
  /// open transaction has to be rolled back.
  [[nodiscard]] sql_result<std::vector<rows>> pipeline(std::span<const statement> statements, steady_time deadline);

  [[nodiscard]] bool is_open() const noexcept { return handle_ != nullptr; }
  /// Looks, without waiting, whether the server has hung up.
  [[nodiscard]] bool is_alive();
  /// The server's process that serves this connection; stays known after it was closed.
  [[nodiscard]] int backend_pid() const noexcept { return backend_pid_; }
  void close() noexcept {
    handle_.reset();
    prepared_.clear();
  }

 private:
  struct closer {
    void operator()(pg_conn* handle) const noexcept;
  };

  explicit connection(pg_conn* handle) : handle_(handle) {}

  [[nodiscard]] sql_result<void> finish_connecting(steady_time deadline);
  [[nodiscard]] sql_result<void> wait(short events, steady_time deadline);
  [[nodiscard]] sql_result<void> flush(steady_time deadline);
  /// The next result, or null at the end of a statement.
  [[nodiscard]] sql_result<pg_result*> next_result(steady_time deadline);
  [[nodiscard]] sql_result<rows> last_result(steady_time deadline);
  /// Sends the statements and a sync; the names of those that are being prepared, one a result, in order.
  [[nodiscard]] sql_result<std::vector<std::string>> send(std::span<const statement> statements);
  [[nodiscard]] sql_result<std::vector<rows>> collect(const std::vector<std::string>& preparing, steady_time deadline);
  [[nodiscard]] sql_error failure(pg_result* result);
  [[nodiscard]] std::unexpected<sql_error> lost(std::string why);
  [[nodiscard]] std::unexpected<sql_error> expired();

  std::unique_ptr<pg_conn, closer> handle_;
  std::unordered_set<std::string> prepared_;
  int backend_pid_ = 0;
};

}  // namespace usher::store
