#include "outbox/egress.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace usher::outbox {

using domain::errc;
using domain::fail;

namespace {

struct url_cleanup {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, url_cleanup>;

/// A part of the URL; nothing when it has none.
std::optional<std::string> part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) return std::nullopt;
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_host_name(std::string_view host) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !host.empty() && host.size() <= 253 && host.back() != '.' && std::ranges::all_of(host, allowed);
}

std::unexpected<domain::error> refuse(std::string why) { return fail(errc::invalid, std::move(why)); }

}  // namespace

egress_policy egress_policy::unrestricted() {
  return {{*parse_network("0.0.0.0/0"), *parse_network("::/0")}, true, {}};
}

bool egress_policy::is_exception(const address& a) const noexcept {
  return std::ranges::any_of(exceptions, [&](const network& n) { return n.contains(a); });
}

std::optional<std::string> egress_policy::refusal(const address& a, std::uint16_t port, bool https) const {
  if (is_exception(a)) return std::nullopt;
  if (auto what = special_purpose(a)) {
    return "The address " + to_string(a) + " is not a public one (" + std::string(*what) + ").";
  }
  if (!https && !plain_http) return "The URL must begin with https://.";
  if (!ports.empty() && std::ranges::find(ports, port) == ports.end()) {
    return "The port " + std::to_string(port) + " is not one of those allowed.";
  }
  return std::nullopt;
}

domain::result<target> parse_target(std::string_view text) {
  if (text.empty() || text.size() > url_bytes_max) return refuse("The URL must have 1 to 2048 bytes.");
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return refuse("The URL has characters that must be percent-encoded (or punycode, in the host).");
  }
  url_handle url(curl_url());
  const std::string terminated(text);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, terminated.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return refuse("The URL can't be read.");
  }
  const auto scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return refuse("The URL must begin with https:// or http://.");
  if (part(url.get(), CURLUPART_USER) || part(url.get(), CURLUPART_PASSWORD) || part(url.get(), CURLUPART_ZONEID)) {
    return refuse("The URL must not have a user, a password or a zone.");
  }
  target out;
  out.https = scheme == "https";
  const auto port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or("");
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (out.port == 0) return refuse("The URL has no valid port.");
  out.host = part(url.get(), CURLUPART_HOST).value_or("");
  const bool bracketed = out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']';
  out.literal = parse_address(bracketed ? out.host.substr(1, out.host.size() - 2) : out.host);
  if (!out.literal && !is_host_name(out.host)) return refuse("The URL has no valid host.");
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  out.url = part(url.get(), CURLUPART_URL).value_or("");
  return out;
}

domain::result<void> check_url(std::string_view url, const egress_policy& policy) {
  auto read = parse_target(url);
  if (!read) return std::unexpected(std::move(read.error()));
  // A name may turn out to be an exception: that shows when it is looked up.
  if (!read->literal && !policy.exceptions.empty()) return {};
  constexpr address somewhere{false, {1, 1, 1, 1}};
  if (auto why = policy.refusal(read->literal.value_or(somewhere), read->port, read->https)) return refuse(*why);
  return {};
}

}  // namespace usher::outbox
