// HTTP in values of our own: what a handler sees of a request and gives as a response. No Beast here.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/caller.hpp"
#include "net/accepted_codings.hpp"

namespace usher {
class event_source;
}

namespace usher::net {

/// `connect`, `trace` and `other` are never served; the guard tells them apart.
enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, connect, trace, other };

[[nodiscard]] std::string_view to_word(method m) noexcept;
[[nodiscard]] method parse_method(std::string_view word) noexcept;

/// One parameter of the query, decoded.
struct parameter {
  std::string name;
  std::string value;
};

/// The header of a request, as it was sent: what Usher reads of it, and what the guard judges. The views point into the
/// session's buffer and hold until the request has been answered.
struct request_head {
  net::method how = method::other;
  std::string_view target;
  bool http_1_0 = false;
  bool keep_alive = false;
  std::optional<std::uint64_t> content_length;

  std::string_view host;
  std::string_view authorization;
  std::string_view content_type;
  std::string_view idempotency_key;
  std::string_view if_match;
  std::string_view if_none_match;
  std::string_view accept;
  std::string_view request_id;
  std::string_view traceparent;
  std::string_view expect;
  std::string_view last_event_id;
  std::string_view break_glass;
  std::string_view origin;
  std::string_view cookie;
  std::string_view csrf_token;
  std::string_view fetch_site;  ///< empty when it was not sent
  accepted_codings codings;
  /// The last lines of `X-Forwarded-For`, the first `forwarded` of them, in their order.
  std::array<std::string_view, 4> forwarded_for;
  std::size_t forwarded = 0;

  int fields = 0;
  int hosts = 0;
  bool has_idempotency_key = false;  ///< an empty one counts
  bool has_if_match = false;
  bool transfer_encoding = false;
  bool odd_length = false;  ///< a `Content-Length` that is not one plain number
  bool content_encoding = false;
  bool asks_cors_method = false;  ///< a browser's preflight
  bool trailer = false;
  bool folded = false;         ///< a value went on in the next line (obsolete since RFC 7230)
  std::string_view duplicate;  ///< the first header that may come once and came twice; empty when there is none
};

/// How a caller stands with one rate limit, for the `RateLimit` fields
/// (draft-ietf-httpapi-ratelimit-headers-08).
struct rate_standing {
  std::uint32_t quota = 0;  ///< requests a second; 0 where no limit applies
  std::uint32_t left = 0;   ///< what may be sent at once, up to the quota
};

/// A request with its body, past the guard.
struct request {
  request_head head;
  net::method how = method::get;  ///< HEAD is kept as HEAD
  std::string_view path;          ///< as sent, never decoded
  std::string_view query;         ///< as sent, without the question mark
  std::array<std::string_view, 2> path_parameters;
  std::vector<parameter> parameters;
  std::string_view body;
  std::string_view request_id;                   ///< the caller's, or one of ours
  std::shared_ptr<const domain::caller> caller;  ///< null on open routes
  rate_standing caller_rate;
  rate_standing organization_rate;
  std::string_view remote;          ///< the peer's address
  std::string_view client_address;  ///< the peer's, or the one that a trusted proxy tells
  std::chrono::steady_clock::time_point received_at;
  std::size_t route = 0;  ///< index into the table of routes; its size when there is none

  /// The value of a parameter; null when it was not given.
  [[nodiscard]] const std::string* find_parameter(std::string_view name) const noexcept;
};

inline constexpr std::string_view json_content = "application/json; charset=utf-8";
inline constexpr std::string_view problem_content = "application/problem+json; charset=utf-8";
inline constexpr std::string_view event_stream_content = "text/event-stream; charset=utf-8";
inline constexpr std::string_view text_content = "text/plain; charset=utf-8";

/// What goes back. `Date`, `Content-Length`, `X-Request-Id` and the headers that every response has are added on the
/// way.
struct response {
  int status = 200;
  std::string_view content_type = json_content;  ///< a constant; unused without a body
  std::string headers;                           ///< whole lines, written by `add_header`
  std::string body;
  /// Bytes that live as long as the program, sent as they are instead of `body`: a large file is never copied for those
  /// who read it slowly.
  std::string_view constant_body;
  bool close = false;  ///< the connection ends after it
  bool shed = false;   ///< refused for the lack of room: counted, and not worth a line in the log
  /// What is sent after the header, as it comes, until the connection ends; instead of a body.
  std::shared_ptr<event_source> events;
};

/// Appends one header line. Line breaks in `value` are dropped, so that a value can't add a header.
void add_header(response& out, std::string_view name, std::string_view value);
/// `ETag: "<version>"`.
void add_etag(response& out, std::int64_t version);

/// Splits and decodes a query (`%XX`, and `+` as a space). Nothing when an escape is broken, when it decodes to a
/// control character, or with more than `count_max` parameters.
[[nodiscard]] bool parse_query(std::string_view query, std::size_t count_max, std::vector<parameter>& out);

/// Appends `text`, with everything but unreserved characters (RFC 3986, section 2.3) as `%XX`.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace usher::net
