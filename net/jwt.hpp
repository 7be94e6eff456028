// Bearer tokens: JSON Web Tokens (RFC 7519) with the contract's claims (section 2), verified strictly (RFC 8725).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/caller.hpp"
#include "domain/error.hpp"
#include "domain/time.hpp"
#include "net/json_reader.hpp"
#include "net/jwt_keys.hpp"

namespace usher::net {

inline constexpr std::string_view jwt_issuer = "usher";
inline constexpr std::chrono::seconds jwt_leeway{30};
inline constexpr std::size_t jwt_bytes_max = 8 * 1024;

/// A token that was found good, and until when it is.
struct verified_token {
  domain::caller caller;
  domain::instant expires{};  ///< `exp` with the leeway: good before it
};

/// Any number of threads may share one. Its keys can be replaced while tokens are being verified.
class token_verifier {
 public:
  explicit token_verifier(std::vector<jwt_key> keys) { replace(std::move(keys)); }

  /// From now on only these keys verify.
  void replace(std::vector<jwt_key> keys);
  /// Rises after each replacement: whoever keeps what was verified drops it then. To be read before `verify`.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  /// The payload of a JWS in compact form whose signature is right. Nothing for any other text.
  [[nodiscard]] std::optional<std::string> open(std::string_view token, json_reader& json) const;

  /// Who the token speaks for. The detail of an error is for the log; a caller is told `invalid_token` only.
  [[nodiscard]] domain::result<verified_token> verify(std::string_view token, domain::instant now,
                                                      json_reader& json) const;

 private:
  using key_set = std::shared_ptr<const std::vector<jwt_key>>;
  [[nodiscard]] key_set keys() const;

  mutable std::mutex mutex_;  ///< taken for tokens that are new to an io thread only
  key_set keys_;
  std::atomic<std::uint64_t> generation_{0};
};

/// A token for a caller, valid from `now` for `ttl`. `key` is an HS256 key.
[[nodiscard]] std::string sign_token(const jwt_key& key, const domain::caller& who, domain::instant now,
                                     std::chrono::seconds ttl);

}  // namespace usher::net
