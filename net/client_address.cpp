#include "net/client_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <functional>
#include <string>

#include "net/asio.hpp"

namespace usher::net {

namespace {

/// Spreads the bits, so that neighbours lie in different stripes.
std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 31U)) * 0x9e3779b97f4a7c15ULL;
  return bits ^ (bits >> 29U);
}

}  // namespace

std::uint64_t address_key(std::string_view address) {
  error_code ec;
  auto parsed = asio::ip::make_address(address, ec);
  if (ec) return std::hash<std::string_view>{}(address);
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped())
    parsed = asio::ip::make_address_v4(asio::ip::v4_mapped, parsed.to_v6());
  if (parsed.is_v4()) return mixed(0x7634ULL << 32U | parsed.to_v4().to_uint());
  const auto bytes = parsed.to_v6().to_bytes();
  std::uint64_t network = 0;
  std::memcpy(&network, bytes.data(), sizeof network);
  return mixed(network);
}

}  // namespace usher::net
