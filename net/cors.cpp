#include "net/cors.hpp"

#include <algorithm>

namespace usher::net {

namespace {

constexpr std::string_view asked_headers =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, traceparent";
constexpr std::string_view shown_headers =
    "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";

bool is_origin(std::string_view text) noexcept {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  if (text.substr(0, scheme) != "http" && text.substr(0, scheme) != "https") return false;
  const auto host = text.substr(scheme + 3);
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
  });
}

}  // namespace

domain::result<std::vector<std::string>> parse_origins(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto word = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word.empty()) continue;
    if (word != "*" && !is_origin(word))
      return domain::fail(domain::errc::invalid, "'" + std::string(word) + "' is no origin like https://host");
    out.emplace_back(word);
  }
  if (out.size() > 1 && std::ranges::find(out, "*") != out.end())
    return domain::fail(domain::errc::invalid, "'*' stands for all origins, and stands alone");
  return out;
}

void add_cors(response& out, const request& in, const std::vector<std::string>& origins) {
  const bool any = origins.front() == "*";
  // Also to those who are not told anything: a cache must not give them what others were told.
  if (!any) add_header(out, "Vary", "Origin");
  const auto origin = in.head.origin;
  if (origin.empty() || (!any && std::ranges::find(origins, origin) == origins.end())) return;
  add_header(out, "Access-Control-Allow-Origin", any ? "*" : origin);
  if (in.how != method::options || !in.head.asks_cors_method) {
    add_header(out, "Access-Control-Expose-Headers", shown_headers);
    return;
  }
  add_header(out, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  add_header(out, "Access-Control-Allow-Headers", asked_headers);
  add_header(out, "Access-Control-Max-Age", "600");
}

}  // namespace usher::net
