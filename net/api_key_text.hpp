// The text of an API key: `usk_`, 192 random bits, and 32 bits by which a mistyped one is known without looking it up,
// all in lower-case hexadecimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/api_key.hpp"

namespace usher::net {

inline constexpr std::string_view api_key_mark = "usk_";
inline constexpr std::size_t api_key_random_digits = 48;
inline constexpr std::size_t api_key_check_digits = 8;
/// What is shown in lists: the mark and 32 of the random bits, so that 160 stay unknown.
inline constexpr std::size_t api_key_prefix_characters = 12;

/// Shown once; only the hash is kept.
struct api_key_text {
  std::string text;
  std::string prefix;
  domain::api_key_hash hash{};
};

/// A new key. Throws `std::runtime_error` when there are no random bytes to be had.
[[nodiscard]] api_key_text make_api_key();
/// The hash by which a key is looked up; nothing for a text that is no key's.
[[nodiscard]] std::optional<domain::api_key_hash> read_api_key(std::string_view text);

}  // namespace usher::net
