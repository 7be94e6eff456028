#include "store/cursor.hpp"

#include <algorithm>
#include <array>

namespace usher::store {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char format_version = 1;
// Version and flags, fingerprint, key, second key, id: 42 bytes, which is 56 characters without a rest.
constexpr std::size_t cursor_bytes = 1 + 1 + 8 + 8 + 8 + 16;

std::string encode(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i + 2 < raw.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) three = three << 8U | static_cast<std::uint8_t>(raw[i + j]);
    for (int shift = 18; shift >= 0; shift -= 6) out += alphabet[three >> static_cast<unsigned>(shift) & 0x3FU];
  }
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 3 < text.size(); i += 4) {
    std::uint32_t four = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      auto digit = alphabet.find(text[i + j]);
      if (digit == std::string_view::npos) return std::nullopt;
      four = four << 6U | static_cast<std::uint32_t>(digit);
    }
    for (unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(four >> shift & 0xFFU);
  }
  return out;
}

void put(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0; shift -= 8) out += static_cast<char>(value >> (shift - 8) & 0xFFU);
}

std::uint64_t get(std::string_view raw, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8U | static_cast<std::uint8_t>(raw[at + i]);
  return value;
}

}  // namespace

// The length stands before the text, so that two texts are not taken for one.
list_fingerprint& list_fingerprint::add(std::string_view text) noexcept {
  add(static_cast<std::int64_t>(text.size()));
  for (char c : text) hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
  return *this;
}

list_fingerprint& list_fingerprint::add(std::int64_t number) noexcept {
  for (unsigned shift = 0; shift < 64; shift += 8)
    hash_ = (hash_ ^ (static_cast<std::uint64_t>(number) >> shift & 0xFFU)) * 0x100000001B3ULL;
  return *this;
}

std::string to_cursor(const place& where, const list_fingerprint& list) {
  std::string raw{format_version, where.in_nulls ? '\1' : '\0'};
  put(raw, list.value());
  put(raw, static_cast<std::uint64_t>(where.key));
  put(raw, static_cast<std::uint64_t>(where.second));
  raw.append(reinterpret_cast<const char*>(where.id.bytes.data()), where.id.bytes.size());
  return encode(raw);
}

std::optional<place> parse_cursor(std::string_view text, const list_fingerprint& list) {
  if (text.size() != cursor_bytes / 3 * 4) return std::nullopt;
  auto raw = decode(text);
  if (!raw || (*raw)[0] != format_version || static_cast<std::uint8_t>((*raw)[1]) > 1) return std::nullopt;
  if (get(*raw, 2) != list.value()) return std::nullopt;
  place where{
      (*raw)[1] == '\1', static_cast<std::int64_t>(get(*raw, 10)), static_cast<std::int64_t>(get(*raw, 18)), {}};
  std::transform(raw->begin() + 26, raw->end(), where.id.bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return where;
}

}  // namespace usher::store
