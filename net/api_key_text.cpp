#include "net/api_key_text.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <span>
#include <stdexcept>

namespace usher::net {

namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string out;
  for (const auto byte : bytes) {
    out += hexadecimal[byte >> 4U];
    out += hexadecimal[byte & 15U];
  }
  return out;
}

domain::api_key_hash sha256(std::string_view text) {
  domain::api_key_hash out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

/// The last digits of a key, from all before them.
std::string check_digits(std::string_view rest) {
  const auto sum = sha256(rest);
  return to_hex(std::span(sum).first(api_key_check_digits / 2));
}

}  // namespace

api_key_text make_api_key() {
  std::array<unsigned char, api_key_random_digits / 2> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("no random bytes for an API key");
  api_key_text out;
  out.text = std::string(api_key_mark) + to_hex(bytes);
  out.text += check_digits(out.text);
  out.prefix = out.text.substr(0, api_key_prefix_characters);
  out.hash = sha256(out.text);
  return out;
}

std::optional<domain::api_key_hash> read_api_key(std::string_view text) {
  if (text.size() != api_key_mark.size() + api_key_random_digits + api_key_check_digits ||
      !text.starts_with(api_key_mark))
    return std::nullopt;
  const auto digits = text.substr(api_key_mark.size());
  if (!std::ranges::all_of(digits, [](char c) { return hexadecimal.find(c) != std::string_view::npos; }))
    return std::nullopt;
  const auto rest = text.substr(0, text.size() - api_key_check_digits);
  if (text.substr(rest.size()) != check_digits(rest)) return std::nullopt;
  return sha256(text);
}

}  // namespace usher::net
