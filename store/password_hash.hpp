// Passwords, as they are kept: argon2id (RFC 9106) by libsodium.
#pragma once

#include <string>
#include <string_view>

namespace usher::store {

/// The hash with its salt and cost, as text. Takes 64 MiB and some tens of milliseconds; never on a thread that serves.
/// Throws `std::runtime_error` without the memory.
[[nodiscard]] std::string hash_password(std::string_view password);
/// As costly as `hash_password`.
[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password);

/// 256 random bits.
[[nodiscard]] std::string random_token_bytes();
[[nodiscard]] std::string sha256_of(std::string_view text);
/// A second secret that follows from a token, and tells nothing of it.
[[nodiscard]] std::string csrf_bytes_of(std::string_view token);
/// Overwrites what was a secret.
void forget(std::string& secret) noexcept;

}  // namespace usher::store
