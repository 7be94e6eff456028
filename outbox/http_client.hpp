// One HTTP request over libcurl: no redirects, no proxy, no cookies, no connection kept, everything bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "domain/time.hpp"
#include "outbox/egress.hpp"

namespace usher::outbox {

struct http_limits {
  domain::milliseconds connect_max = std::chrono::seconds{5};
  domain::milliseconds total_max = std::chrono::seconds{15};  ///< from the call to the end, the lookup included
  std::size_t response_bytes_max = 64 * 1024;                 ///< of the headers, and of the body
};

struct http_request {
  enum class verb : std::uint8_t { get, post };
  verb method = verb::post;
  std::string url;
  std::vector<std::string> headers;  ///< `Name: value`, without line ends
  std::string body;
  std::string user;  ///< basic authentication, when not empty
  std::string password;
};

enum class http_failure : std::uint8_t {
  none,
  refused,      ///< the URL, or where it leads to, is not allowed
  unresolved,   ///< the name could not be looked up
  unconnected,  ///< nobody answers there, or TLS was not agreed on
  timed_out,
  broken,   ///< closed early, or what came was not HTTP
  stopped,  ///< on request
  busy,     ///< too much at once; nothing was sent
};

struct http_answer {
  http_failure failure = http_failure::none;
  /// Of the final response. Once its headers are complete it stands, whatever becomes of the body: the receiver has
  /// decided, and a repeat could only double the effect.
  int status = 0;
  std::string body;    ///< as much as came within the limits
  std::string detail;  ///< of a failure, in words
  std::optional<domain::milliseconds> retry_after;
};

/// Safe to use from many threads. Each request looks its name up anew and goes to an address that was checked; a name
/// with one forbidden address is refused as a whole.
class http_client {
 public:
  explicit http_client(egress_policy policy, http_limits limits = {}, resolver look_up = system_resolver());

  /// Throws only when memory runs out.
  [[nodiscard]] http_answer send(const http_request& request, const std::stop_token& stop = {}) const;

  [[nodiscard]] const egress_policy& policy() const noexcept { return policy_; }

 private:
  [[nodiscard]] domain::result<std::vector<address>> addresses_of(const target& where, steady_time deadline,
                                                                  const std::stop_token& stop) const;

  egress_policy policy_;
  http_limits limits_;
  resolver look_up_;
};

}  // namespace usher::outbox
