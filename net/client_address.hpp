// Where a request comes from, for the limits by address.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/http.hpp"

namespace usher::net {

/// The address that limits count: the peer's, or the one that a trusted proxy names.
[[nodiscard]] inline std::string_view client_address(const request& in) noexcept { return in.client_address; }

/// What is counted as one client: an IPv4 address, written as IPv6 or not; of IPv6 the first 64 bits, since whoever has
/// one address of such a network has all of them. Text that is no address is a client of its own.
[[nodiscard]] std::uint64_t address_key(std::string_view address);

}  // namespace usher::net
