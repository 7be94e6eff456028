// Makes the bearer tokens that the harness speaks with: HS256, signed with the desk's own secret.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace usher::load {

/// Who a token speaks for (contract, section 2). `organization` is empty for staff of the whole desk.
struct person {
  std::string_view sub;
  std::string_view role;
  std::string_view organization;
};

/// Immutable, so any number of threads may share one.
class token_maker {
 public:
  explicit token_maker(std::string secret) : secret_(std::move(secret)) {}

  /// Reads a secret file as `usher serve --jwt-key` does. Throws std::runtime_error when it can't be read, or holds
  /// public keys: tokens are signed where the private ones are.
  [[nodiscard]] static token_maker from_file(const std::string& path);

  /// A JSON Web Token (RFC 7519) that is valid from now on.
  [[nodiscard]] std::string make(const person& who, std::chrono::seconds ttl = std::chrono::hours{12}) const;

 private:
  std::string secret_;
};

}  // namespace usher::load
