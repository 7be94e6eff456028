#include "net/weak_secret.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>

namespace usher::net {

namespace {

/// The longest pattern that a repetition is noticed of.
constexpr std::size_t pattern_bytes_max = 8;
/// Of 32 hexadecimal digits drawn at random, fewer than one in ten thousand have less.
constexpr std::size_t different_bytes_min = 10;

/// What examples and templates have where a secret is to come; in small letters.
constexpr std::array<std::string_view, 14> examples{"your-256-bit-secret",
                                                    "your-384-bit-secret",
                                                    "your-512-bit-secret",
                                                    "a-string-secret-at-least-256-bits-long",
                                                    "your-secret-key",
                                                    "your_secret_key",
                                                    "your-jwt-secret",
                                                    "your_jwt_secret",
                                                    "changeme",
                                                    "change-me",
                                                    "change_me",
                                                    "replace-me",
                                                    "replace_me",
                                                    "topsecret"};

bool repeats(std::string_view secret, std::size_t period) noexcept {
  return secret.size() >= 2 * period && secret.substr(period) == secret.substr(0, secret.size() - period);
}

std::size_t different_bytes(std::string_view secret) noexcept {
  std::bitset<256> seen;
  for (const char c : secret) seen.set(static_cast<unsigned char>(c));
  return seen.count();
}

}  // namespace

bool is_known_example(std::string_view secret) {
  std::string lower(secret);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::any_of(examples, [&](std::string_view each) { return lower.find(each) != std::string::npos; });
}

std::optional<std::string_view> weakness_of(std::string_view secret) {
  if (repeats(secret, 1)) return "is one byte, over and over";
  for (std::size_t period = 2; period <= pattern_bytes_max; ++period)
    if (repeats(secret, period)) return "is a short pattern, over and over";
  if (different_bytes(secret) < different_bytes_min) return "has too few different bytes";
  if (is_known_example(secret)) return "is an example that everybody knows";
  return std::nullopt;
}

}  // namespace usher::net
