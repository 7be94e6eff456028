#include "net/guard.hpp"

#include <algorithm>

namespace usher::net {

namespace {

refusal refuse(int status, std::string_view code, std::string detail) {
  refusal out;
  out.status = status;
  out.code = code;
  out.detail = std::move(detail);
  out.close = true;
  return out;
}

/// `host[:port]`, an IPv6 address in brackets included.
bool is_host(std::string_view host) noexcept {
  if (host.empty() || host.size() > 255) return false;
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

std::optional<refusal> check_method(method how) {
  if (how == method::other) return refuse(501, "not_implemented", "Usher does not know this method.");
  if (how == method::connect || how == method::trace) {
    auto out = refuse(405, "method_not_allowed", "This method is never allowed.");
    out.headers = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";
    return out;
  }
  return std::nullopt;
}

std::optional<refusal> check_target(std::string_view target, const limits& bounds) {
  if (target.size() > bounds.target_bytes_max) return refuse(414, "target_too_long", "The target is over 2 KiB.");
  if (target.empty() || target.front() != '/')
    return refuse(400, "malformed_request", "The target has to begin with a slash.");
  const bool printable = std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return refuse(400, "malformed_request", "The target holds characters that have to be escaped.");
  return std::nullopt;
}

std::optional<refusal> check_fields(const request_head& head) {
  if (head.folded) return refuse(400, "malformed_request", "Folded header values are obsolete.");
  if (head.odd_length) return refuse(400, "malformed_request", "The Content-Length has to be one plain number.");
  if (!head.duplicate.empty())
    return refuse(400, "malformed_request", "The header " + std::string(head.duplicate) + " may come once only.");
  if (head.hosts > 1 || (head.hosts == 0 && !head.http_1_0))
    return refuse(400, "malformed_request", "There has to be one Host header.");
  if (head.hosts == 1 && !is_host(head.host)) return refuse(400, "malformed_request", "The Host header is not a host.");
  if (head.content_encoding)
    return refuse(415, "unsupported_media_type", "Bodies with a content encoding are not taken.");
  if (head.trailer) return refuse(400, "malformed_request", "Trailers are not taken.");
  if (!head.expect.empty() && !equals_ignoring_case(head.expect, "100-continue"))
    return refuse(417, "expectation_failed", "Only 100-continue can be expected.");
  return std::nullopt;
}

}  // namespace

std::optional<refusal> check_head(const request_head& head, const limits& bounds) {
  if (head.transfer_encoding)
    return refuse(411, "length_required", "Send a Content-Length instead of a transfer coding.");
  if (auto no = check_method(head.how)) return no;
  if (auto no = check_target(head.target, bounds)) return no;
  if (head.fields > bounds.header_fields_max)
    return refuse(431, "headers_too_large", "There are too many header fields.");
  if (auto no = check_fields(head)) return no;
  if (head.content_length && *head.content_length > bounds.body_bytes_max)
    return refuse(413, "body_too_large",
                  "The body is larger than " + std::to_string(bounds.body_bytes_max) + " bytes.");
  return std::nullopt;
}

refusal refuse_oversized(std::string_view received, const limits& bounds) {
  const auto line_end = received.find("\r\n");
  if (line_end == std::string_view::npos || line_end > bounds.target_bytes_max + 32)
    return refuse(414, "target_too_long", "The target is over 2 KiB.");
  return refuse(431, "headers_too_large",
                "The header is larger than " + std::to_string(bounds.header_bytes_max) + " bytes.");
}

refusal refuse_malformed(const request_head& head) {
  if (head.transfer_encoding)
    return refuse(411, "length_required", "Send a Content-Length instead of a transfer coding.");
  return refuse(400, "malformed_request", "This is not an HTTP/1.1 request.");
}

}  // namespace usher::net
