// Headers that make a request conditional or repeatable: `If-Match`, `If-None-Match` (RFC 9110, section 13), and
// `Idempotency-Key` (contract, section 2).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"
#include "net/problem.hpp"

namespace usher::net {

/// The version that `If-Match` asks for; nothing when there is none, or `*`. Refusals: 412 for what can't match (weak,
/// malformed, more than one tag), 428 when it is missing and `required`.
[[nodiscard]] std::expected<std::optional<std::int64_t>, refusal> expected_version(const request_head& head,
                                                                                   bool required);

/// Whether `If-None-Match` names this version, in a list, weak or strong, or as `*`.
[[nodiscard]] bool none_match_names(std::string_view header, std::int64_t version) noexcept;
/// The same for the tag of a file, given with its quotes.
[[nodiscard]] bool none_match_names(std::string_view header, std::string_view etag) noexcept;

/// The key without its quotes; nothing when there is none. Refusal: 400 when it is empty, longer than 255 characters,
/// or holds one that is not visible ASCII.
[[nodiscard]] std::expected<std::optional<std::string_view>, refusal> idempotency_key(const request_head& head);

}  // namespace usher::net
