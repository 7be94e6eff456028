// A response as bytes, in one string that is used again and again.
#pragma once

#include <string>
#include <string_view>

#include "net/http.hpp"

namespace usher::net {

/// What the session knows about how a response goes out.
struct response_frame {
  std::string_view request_id;
  std::string_view date;  ///< as `Date` has it; see `http_date`
  rate_standing caller_rate{};
  rate_standing organization_rate{};
  bool head_only = false;  ///< the answer to a HEAD request: the length without the body
  bool close = false;
  bool tls = false;
};

/// Appends the header and the body, but for a constant one, which is sent from where it lies. What a client gets can
/// depend on its `Accept-Encoding`: `Vary` says so.
void write_response(std::string& out, const response& what, const response_frame& frame);

/// An IMF-fixdate (RFC 9110, section 5.6.7) of seconds since 1970.
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);

}  // namespace usher::net
