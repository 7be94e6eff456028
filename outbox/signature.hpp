// Signatures of Standard Webhooks: HMAC-SHA256 over `id.timestamp.payload`, version `v1`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"

namespace usher::outbox {

/// Of a secret, in bytes (Standard Webhooks asks for 24 to 64).
inline constexpr std::size_t secret_bytes_min = 24;
inline constexpr std::size_t secret_bytes_max = 64;
/// Of one endpoint: the new one, and those that it replaces during a rotation.
inline constexpr std::size_t secrets_max = 5;

/// A new secret of 32 random bytes. Throws std::runtime_error when the machine has no randomness.
[[nodiscard]] std::string new_secret();
/// `whsec_` and the Base64 of the bytes: what the receiver is shown, once.
[[nodiscard]] std::string format_secret(std::string_view bytes);
/// Reads that form. Errors: `invalid`, for another prefix, bad Base64, or a length out of bounds.
[[nodiscard]] domain::result<std::string> parse_secret(std::string_view text);

/// The value of `webhook-signature`: one `v1,…` a secret, with spaces between. `timestamp` is in seconds since 1970.
[[nodiscard]] std::string sign(const std::vector<std::string>& secrets, std::string_view id, std::int64_t timestamp,
                               std::string_view payload);

}  // namespace usher::outbox
