// Keys that tokens are verified with. A key is bound to one algorithm, so that a token can't choose another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"

struct evp_pkey_st;

namespace usher::net {

enum class jwt_algorithm { hs256, rs256, es256 };
[[nodiscard]] std::string_view to_word(jwt_algorithm a) noexcept;

inline constexpr std::size_t jwt_secret_bytes_min = 32;
inline constexpr int jwt_rsa_bits_min = 2048;

class jwt_key {
 public:
  /// An HS256 secret; `invalid` when it is under 32 bytes.
  [[nodiscard]] static domain::result<jwt_key> from_secret(std::string secret, std::string kid = {});
  /// A PEM public key: RSA of at least 2048 bits is RS256, P-256 is ES256, anything else is `invalid`.
  [[nodiscard]] static domain::result<jwt_key> from_pem(std::string_view pem, std::string kid = {});

  [[nodiscard]] jwt_algorithm algorithm() const noexcept { return algorithm_; }
  /// Empty when the key has no name.
  [[nodiscard]] const std::string& kid() const noexcept { return kid_; }
  /// Whether `signature` (decoded) is right for `signed_text`. Thread-safe.
  [[nodiscard]] bool verify(std::string_view signed_text, std::string_view signature) const;
  /// The HS256 signature of `text`; empty for public keys.
  [[nodiscard]] std::string sign(std::string_view text) const;

 private:
  friend domain::result<std::vector<jwt_key>> parse_jwks(std::string_view text);
  static domain::result<jwt_key> from_public(std::shared_ptr<evp_pkey_st> key, std::string kid);

  jwt_algorithm algorithm_ = jwt_algorithm::hs256;
  std::string kid_;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> public_;
};

/// A JWKS document (RFC 7517). Keys for encryption and of other types are left out; a key that is broken, without
/// `kid`, or too weak is `invalid`, and so is a set without keys.
[[nodiscard]] domain::result<std::vector<jwt_key>> parse_jwks(std::string_view text);

/// What a key file holds: a JWKS document, a PEM public key, or else an HS256 secret (a line break at its end is not
/// part of it), which must not be a known example. `invalid` says what is wrong, and never shows the secret.
[[nodiscard]] domain::result<std::vector<jwt_key>> parse_key_file(std::string_view contents);

/// Why the secret in a key file is easily guessed, as the end of the sentence "The secret …"; nothing for other keys.
[[nodiscard]] std::optional<std::string_view> weakness_of_key_file(std::string_view contents);

}  // namespace usher::net
