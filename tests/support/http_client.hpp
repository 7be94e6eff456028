// A small blocking HTTP/1.1 client over a raw socket, so that the server is not tested by its own library.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_response {
  int status = 0;
  header_list headers;  ///< names in lower case
  std::string body;

  /// The value of the first header of this name (lower case), or nothing.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// Where a server listens on 127.0.0.1. Shared, because it moves when the server is started again.
using endpoint = std::shared_ptr<std::atomic<std::uint16_t>>;

/// One connection, kept alive and opened anew when needed. Not thread-safe.
class http_client {
 public:
  explicit http_client(endpoint where, std::chrono::milliseconds time_limit = std::chrono::seconds{20});
  ~http_client();
  http_client(http_client&& other) noexcept;
  http_client& operator=(http_client&&) = delete;

  /// One exchange. The error is in words: refused, cut, late or not HTTP; the connection is closed then.
  [[nodiscard]] std::expected<http_response, std::string> send(std::string_view method, std::string_view target,
                                                               const header_list& headers, std::string_view body);
  /// Sends bytes as they are and reads one answer.
  [[nodiscard]] std::expected<http_response, std::string> send_raw(std::string_view bytes, bool head_only = false);
  void close() noexcept;

 private:
  [[nodiscard]] bool connect();
  [[nodiscard]] bool is_stale() const;
  [[nodiscard]] bool write_all(std::string_view bytes);
  [[nodiscard]] bool read_more();
  [[nodiscard]] std::expected<http_response, std::string> read_response(bool head_only);
  [[nodiscard]] int milliseconds_left() const;

  endpoint where_;
  std::chrono::milliseconds time_limit_;
  std::chrono::steady_clock::time_point deadline_{};
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace usher::test
