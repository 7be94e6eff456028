// A blocking HTTP/1.1 client: one connection, kept alive, opened anew when it was lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace usher::load {

/// Where the desk listens.
struct target {
  std::string host;
  std::string port;
};

/// Reads `http://HOST[:PORT]`. Errors in words: not such a URL; or a host with an address that is not a loopback one,
/// unless `allow_remote`: a load test against somebody else's machine is an attack.
[[nodiscard]] std::expected<target, std::string> parse_target(std::string_view url, bool allow_remote);

/// The same target with an IP address for its host, or why there is none.
[[nodiscard]] std::expected<target, std::string> resolve(const target& where);
/// What the `Host` header says of it.
[[nodiscard]] std::string host_header(const target& where);

struct http_request {
  std::string_view method;
  std::string path;  ///< with its query
  std::string_view token;
  std::string idempotency_key;  ///< not sent when empty
  std::string body;             ///< JSON; not sent when empty
};

struct http_response {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
  bool replayed = false;  ///< `Idempotent-Replayed: true`

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// Not thread-safe: one a thread.
class http_client {
 public:
  http_client(target where, std::chrono::milliseconds time_limit);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// One exchange within the time limit. The error is in words: refused, cut, late or not HTTP; the connection is
  /// closed then, and whether the server acted on the request is unknown.
  [[nodiscard]] std::expected<http_response, std::string> send(const http_request& what);

 private:
  struct connection;
  std::unique_ptr<connection> connection_;
};

}  // namespace usher::load
