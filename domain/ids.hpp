// Identifiers: UUIDs, UUIDv7 generation, and a distinct type for each thing that has one.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace usher::domain {

/// A 128-bit UUID in network byte order, so that comparing bytes compares the text form.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const uuid&) const = default;
  [[nodiscard]] bool is_nil() const noexcept { return *this == uuid{}; }
};

/// Reads the 36-character form in either case; nothing else (no braces, no URN) is a UUID here.
[[nodiscard]] std::optional<uuid> parse_uuid(std::string_view text) noexcept;

/// The lower-case 36-character form.
[[nodiscard]] std::string to_string(const uuid& id);

/// Appends the 36 characters to `out`.
void append_to(std::string& out, const uuid& id);

/// A new UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then a 12-bit counter and 62 random bits.
/// Ids made by one thread rise strictly; across threads they are ordered by the millisecond. Thread-safe.
[[nodiscard]] uuid new_uuid_v7();

/// For simulations: from now on the ids that this thread makes follow from the seed alone, and tell no true time.
void repeat_ids(std::uint64_t seed);

/// A UUID that says what it identifies, so that a ticket's id can't be passed for an organization's.
template <class Tag>
struct id {
  uuid value{};

  auto operator<=>(const id&) const = default;
  [[nodiscard]] bool is_nil() const noexcept { return value.is_nil(); }
  [[nodiscard]] static id generate() { return {new_uuid_v7()}; }
  [[nodiscard]] static std::optional<id> parse(std::string_view text) noexcept {
    if (auto value = parse_uuid(text)) return id{*value};
    return std::nullopt;
  }
};

/// A UUID (version 8) made from a text: equal texts have equal ones. Not for secrets: whoever wants can find two texts
/// of one id.
[[nodiscard]] uuid named_uuid(std::string_view text) noexcept;

template <class Tag>
[[nodiscard]] std::string to_string(const id<Tag>& id) {
  return to_string(id.value);
}

using ticket_id = id<struct ticket_tag>;
using organization_id = id<struct organization_tag>;
using message_id = id<struct message_tag>;
using audit_id = id<struct audit_tag>;

/// A well-mixed hash of the random half of a UUID.
[[nodiscard]] inline std::size_t hash_value(const uuid& id) noexcept {
  std::uint64_t low = 0;
  for (std::size_t i = 8; i < 16; ++i) low = (low << 8U) | id.bytes[i];
  std::uint64_t high = 0;
  for (std::size_t i = 0; i < 8; ++i) high = (high << 8U) | id.bytes[i];
  std::uint64_t mixed = (low ^ (high * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32U));
}

template <class Tag>
[[nodiscard]] std::size_t hash_value(const id<Tag>& id) noexcept {
  return hash_value(id.value);
}

}  // namespace usher::domain

template <>
struct std::hash<usher::domain::uuid> {
  std::size_t operator()(const usher::domain::uuid& id) const noexcept { return hash_value(id); }
};

template <class Tag>
struct std::hash<usher::domain::id<Tag>> {
  std::size_t operator()(const usher::domain::id<Tag>& id) const noexcept { return hash_value(id); }
};
