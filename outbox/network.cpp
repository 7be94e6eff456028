#include "outbox/network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace usher::outbox {

namespace {

struct special_range {
  std::string_view network;
  std::string_view what;
};

// Also those that the registries call globally reachable: no receiver of a webhook lives there.
constexpr special_range special_ranges[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by carriers"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16/32", "a cloud's own service"},
    {"169.254.0.0/16", "link-local, or a cloud's metadata"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "protocol assignments"},
    {"192.0.2.0/24", "documentation"},
    {"192.31.196.0/24", "AS112"},
    {"192.52.193.0/24", "AMT"},
    {"192.88.99.0/24", "6to4 relays"},
    {"192.168.0.0/16", "private"},
    {"192.175.48.0/24", "AS112"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    {"::/128", "unspecified"},
    {"::1/128", "loopback"},
    {"::ffff:0:0/96", "mapped IPv4"},
    {"::/96", "compatible IPv4"},
    {"64:ff9b::/96", "translated IPv4"},
    {"64:ff9b:1::/48", "translated IPv4"},
    {"100::/64", "discard only"},
    {"100:0:0:1::/64", "dummy prefix"},
    {"2001::/23", "protocol assignments, Teredo among them"},
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"2620:4f:8000::/48", "AS112"},
    {"3fff::/20", "documentation"},
    {"5f00::/16", "segment routing"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
};

}  // namespace

std::optional<address> parse_address(std::string_view text) {
  address out;
  const std::string terminated(text);
  out.v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(out.v6 ? AF_INET6 : AF_INET, terminated.c_str(), out.bytes.data()) != 1) return std::nullopt;
  return out;
}

std::string to_string(const address& a) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(a.v6 ? AF_INET6 : AF_INET, a.bytes.data(), text, sizeof text);
  return text;
}

std::optional<address> from_sockaddr(const sockaddr& from) {
  address out;
  if (from.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof in);
    std::memcpy(out.bytes.data(), &in.sin_addr, 4);
    return out;
  }
  if (from.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 in{};
  std::memcpy(&in, &from, sizeof in);
  out.v6 = true;
  std::memcpy(out.bytes.data(), &in.sin6_addr, 16);
  return out;
}

bool network::contains(const address& a) const noexcept {
  if (a.v6 != base.v6) return false;
  auto bits = static_cast<std::size_t>(prefix);
  for (std::size_t i = 0; bits > 0; ++i) {
    const std::size_t here = bits < 8 ? bits : 8;
    const auto mask = static_cast<std::uint8_t>(0xFFU << (8 - here));
    if (((a.bytes[i] ^ base.bytes[i]) & mask) != 0) return false;
    bits -= here;
  }
  return true;
}

std::optional<network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  auto base = parse_address(text.substr(0, slash));
  if (!base) return std::nullopt;
  network out{*base, base->v6 ? 128 : 32};
  if (slash == std::string_view::npos) return out;
  const auto digits = text.substr(slash + 1);
  const char* end = digits.data() + digits.size();
  const int longest = out.prefix;
  const auto read = std::from_chars(digits.data(), end, out.prefix);
  if (read.ec != std::errc{} || read.ptr != end || out.prefix < 0 || out.prefix > longest) return std::nullopt;
  return out;
}

std::optional<std::string_view> special_purpose(const address& a) {
  for (const auto& range : special_ranges) {
    if (parse_network(range.network)->contains(a)) return range.what;
  }
  if (a.v6 && !parse_network("2000::/3")->contains(a)) return "outside the global unicast addresses";
  return std::nullopt;
}

}  // namespace usher::outbox
