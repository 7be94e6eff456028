// `usher serve` as a child process, with whatever PostgreSQL it starts.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/http_client.hpp"

namespace usher::test {

/// A server on a free port of 127.0.0.1, without rate limits unless the arguments set them. It may be killed and
/// started again on the same data; the endpoint follows it. Destruction ends the server, and the PostgreSQL under
/// `data` should it have outlived it.
class server_process {
 public:
  /// `data` is the server's `--data`; logs go beside it. Nothing is started yet.
  explicit server_process(std::filesystem::path data, std::vector<std::string> arguments = {});
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Starts it and waits until `/readyz` says 200. Throws `std::runtime_error` with the end of the log otherwise.
  void start(std::chrono::milliseconds at_most = std::chrono::seconds{60});
  /// Starts it and waits for the line that tells the port only.
  void start_listening(std::chrono::milliseconds at_most = std::chrono::seconds{60});
  /// Polls `/readyz`.
  [[nodiscard]] bool wait_ready(std::chrono::milliseconds at_most) const;
  /// SIGTERM; the exit code, or nothing when it did not end in time.
  [[nodiscard]] std::optional<int> stop(std::chrono::milliseconds at_most = std::chrono::seconds{10});
  void signal(int number) const noexcept { child_.signal(number); }
  /// SIGKILL for the server alone: its PostgreSQL is left to itself.
  void kill_server() noexcept;
  /// SIGKILL for the postmaster and all its children; false when there is none.
  bool kill_database() const;
  [[nodiscard]] std::optional<pid_t> postmaster() const;

  [[nodiscard]] bool is_running() { return child_.is_running(); }
  [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }
  [[nodiscard]] const endpoint& where() const noexcept { return where_; }
  [[nodiscard]] const std::filesystem::path& data() const noexcept { return data_; }
  /// What was logged since the first start.
  [[nodiscard]] std::string log() const;

 private:
  [[nodiscard]] std::optional<std::uint16_t> announced_port() const;
  [[noreturn]] void fail(const std::string& why) const;

  std::filesystem::path data_;
  std::vector<std::string> arguments_;
  endpoint where_;
  child_process child_;
  int starts_ = 0;
};

}  // namespace usher::test
