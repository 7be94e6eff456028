// A server whose behaviour is known to the millisecond, and that counts what it was asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace usher::test {

struct measured_request {
  std::string method;
  std::string target;  ///< with its query
  std::string token;   ///< of the `Authorization` header; empty: none
  std::string body;
};

struct measured_answer {
  int status = 200;
  std::string body = "{}";
  std::chrono::milliseconds delay{0};  ///< before it is sent; others are served meanwhile
  std::chrono::milliseconds stall{0};  ///< in which nobody is served at all
  bool cut = false;                    ///< the connection is closed without an answer
};

/// Listens on a free port of 127.0.0.1, with one thread, from its construction to its destruction.
class measured_server {
 public:
  using behaviour = std::function<measured_answer(const measured_request& request, std::uint64_t number)>;

  /// `how` is called by the server's thread for each request, numbered from 1.
  explicit measured_server(behaviour how);
  ~measured_server();
  measured_server(const measured_server&) = delete;
  measured_server& operator=(const measured_server&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] unsigned short port() const noexcept;
  /// Requests so far whose target (without its query) this is; empty: all.
  [[nodiscard]] std::uint64_t count(const std::string& target = {}) const;

 private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

}  // namespace usher::test
