// Addresses that an operator names, and whose word about others is taken.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"

namespace usher::net {

class address_list {
 public:
  /// `10.0.0.0/8, 192.0.2.7, fd00::/8`: addresses and networks, separated by commas. `invalid` names what is neither.
  [[nodiscard]] static domain::result<address_list> parse(std::string_view text);

  [[nodiscard]] bool empty() const noexcept { return v4_.empty() && v6_.empty(); }
  /// An IPv4 address that came over an IPv6 socket counts as what it is.
  [[nodiscard]] bool contains(boost::asio::ip::address which) const;
  /// Who sent a request that came from a listed proxy: the last address of the `X-Forwarded-For` lines that is not
  /// listed itself. The first one when all are; empty when what stands there is no address, since whoever wrote it is
  /// not to be believed.
  [[nodiscard]] std::string client_behind(std::span<const std::string_view> lines) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace usher::net
