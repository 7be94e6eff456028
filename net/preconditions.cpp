#include "net/preconditions.hpp"

#include <algorithm>
#include <charconv>

namespace usher::net {

namespace {

constexpr std::size_t key_characters_max = 255;

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The version in a strong tag of ours: `"3"`.
std::optional<std::int64_t> version_of(std::string_view tag) noexcept {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  std::int64_t version = 0;
  const auto [end, ec] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (ec != std::errc() || end != tag.data() + tag.size() || version < 0) return std::nullopt;
  return version;
}

/// Whether a list of tags is `*` or has one that `fits`, compared weakly (RFC 9110, section 13.1.2).
template <class Fits>
bool any_tag(std::string_view header, Fits fits) noexcept {
  while (!header.empty()) {
    const auto comma = header.find(',');
    auto tag = trim(header.substr(0, comma));
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (fits(tag)) return true;
  }
  return false;
}

refusal refuse(int status, std::string_view code, std::string detail) {
  refusal out;
  out.status = status;
  out.code = code;
  out.detail = std::move(detail);
  return out;
}

}  // namespace

std::expected<std::optional<std::int64_t>, refusal> expected_version(const request_head& head, bool required) {
  if (!head.has_if_match) {
    if (required)
      return std::unexpected(
          refuse(428, "precondition_required", "Send If-Match with the version that you have seen."));
    return std::nullopt;
  }
  const auto tag = trim(head.if_match);
  if (tag == "*") return std::nullopt;
  const auto version = version_of(tag);
  if (!version)
    return std::unexpected(
        refuse(412, "version_mismatch", "If-Match has to be one strong entity tag, as ETag gave it."));
  return version;
}

bool none_match_names(std::string_view header, std::int64_t version) noexcept {
  return any_tag(header, [version](std::string_view tag) { return version_of(tag) == version; });
}

bool none_match_names(std::string_view header, std::string_view etag) noexcept {
  return any_tag(header, [etag](std::string_view tag) { return tag == etag; });
}

std::expected<std::optional<std::string_view>, refusal> idempotency_key(const request_head& head) {
  if (!head.has_idempotency_key) return std::nullopt;
  auto key = trim(head.idempotency_key);
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > key_characters_max || !visible)
    return std::unexpected(
        refuse(400, "bad_idempotency_key", "Idempotency-Key has to be 1 to 255 visible ASCII characters."));
  return key;
}

}  // namespace usher::net
