// IP addresses and networks, and which of them are nobody's public address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace usher::outbox {

struct address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< IPv4 uses the first four

  bool operator==(const address&) const = default;
};

/// The usual spellings only (`192.0.2.1`, `2001:db8::1`).
[[nodiscard]] std::optional<address> parse_address(std::string_view text);
[[nodiscard]] std::string to_string(const address& a);
/// Nothing for a family other than IPv4 and IPv6.
[[nodiscard]] std::optional<address> from_sockaddr(const sockaddr& from);

struct network {
  address base;
  int prefix = 0;  ///< bits

  [[nodiscard]] bool contains(const address& a) const noexcept;
};

/// `10.0.0.0/8`, `fd00::/8`; a bare address is a network of one.
[[nodiscard]] std::optional<network> parse_network(std::string_view text);

/// Why no outside request may go there: the address is in one of the IANA special-purpose registries (RFC 6890 and its
/// updates), multicast, reserved, outside the global unicast space of IPv6, or a cloud's metadata service. Nothing for
/// a public address.
[[nodiscard]] std::optional<std::string_view> special_purpose(const address& a);

}  // namespace usher::outbox
