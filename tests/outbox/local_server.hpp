// A small HTTP server that can misbehave: what it does with a connection is up to the test.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace usher::test {

struct received {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// Empty when there is no such header.
  [[nodiscard]] std::string header(const std::string& name) const;
};

class local_server;

/// One accepted connection, for the test's handler. Calls after the client has left do nothing.
class connection {
 public:
  connection(local_server& server, int socket) : server_(server), socket_(socket) {}

  /// Reads one request, with a body of `Content-Length` bytes, and keeps it for `local_server::requests`.
  received read_request();
  /// False when the client has gone.
  bool send(std::string_view bytes);
  /// Closes with a reset instead of an orderly end.
  void reset();
  /// Waits until the client closes; for servers that never answer.
  void wait_for_close();
  /// Whether the client closes within `ms`.
  bool closed_within(int ms);
  /// For a server that speaks TLS by itself.
  [[nodiscard]] int socket() const noexcept { return socket_; }

 private:
  local_server& server_;
  int socket_;
};

class local_server {
 public:
  using handler = std::function<void(connection&)>;

  /// On 127.0.0.1 or ::1, on a port that was free.
  explicit local_server(handler handle, bool v6 = false);
  ~local_server();
  local_server(const local_server&) = delete;
  local_server& operator=(const local_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// `http://127.0.0.1:PORT`
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<received> requests() const;
  [[nodiscard]] int connections() const noexcept { return connections_; }

 private:
  friend class connection;
  void accept_all();
  void keep(const received& request);

  handler handle_;
  bool v6_;
  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<received> requests_;
  std::list<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A handler that reads the request and answers with these bytes.
[[nodiscard]] local_server::handler answering(std::string bytes);
/// The bytes of a response with a `Content-Length`. `headers` are whole lines.
[[nodiscard]] std::string response(int status, std::string_view headers = {}, std::string_view body = {});

/// A port on which nobody listens: it was free a moment ago, and stays bound.
class dead_port {
 public:
  dead_port();
  ~dead_port();
  dead_port(const dead_port&) = delete;
  dead_port& operator=(const dead_port&) = delete;
  [[nodiscard]] std::string url() const;

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace usher::test
