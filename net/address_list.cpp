#include "net/address_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace usher::net {

namespace ip = boost::asio::ip;
using domain::errc;
using domain::fail;
using domain::result;

namespace {

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

ip::address plain(const ip::address& which) {
  if (!which.is_v6() || !which.to_v6().is_v4_mapped()) return which;
  return ip::make_address_v4(ip::v4_mapped, which.to_v6());
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code wrong;
  // A scope (`fe80::1%eth0`) means something on one machine only.
  if (text.empty() || text.size() > 45 || text.contains('%')) return std::nullopt;
  const auto out = ip::make_address(std::string(text), wrong);
  return wrong ? std::nullopt : std::optional(plain(out));
}

/// A hop as proxies write it: with a port behind it, in brackets, or neither.
std::optional<ip::address> parse_hop(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return parse_address(text);
}

}  // namespace

result<address_list> address_list::parse(std::string_view text) {
  address_list out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto word = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (word.empty()) continue;
    const auto slash = word.find('/');
    const auto address = parse_address(word.substr(0, slash));
    const unsigned most = address && address->is_v4() ? 32 : 128;
    unsigned bits = most;
    if (slash != std::string_view::npos) {
      const auto digits = word.substr(slash + 1);
      const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      if (ec != std::errc() || end != digits.data() + digits.size()) bits = most + 1;
    }
    if (!address || bits > most) return fail(errc::invalid, "'" + std::string(word) + "' is no address or network");
    if (address->is_v4())
      out.v4_.push_back(ip::network_v4(address->to_v4(), static_cast<unsigned short>(bits)).canonical());
    else
      out.v6_.push_back(ip::network_v6(address->to_v6(), static_cast<unsigned short>(bits)).canonical());
  }
  return out;
}

bool address_list::contains(ip::address which) const {
  which = plain(which);
  if (which.is_v4())
    return std::ranges::any_of(v4_, [at = which.to_v4()](const ip::network_v4& each) {
      return ip::network_v4(at, each.prefix_length()).canonical() == each;
    });
  return std::ranges::any_of(v6_, [at = which.to_v6()](const ip::network_v6& each) {
    return ip::network_v6(at, each.prefix_length()).canonical() == each;
  });
}

std::string address_list::client_behind(std::span<const std::string_view> lines) const {
  std::string last;
  for (std::size_t i = lines.size(); i-- > 0;) {
    auto rest = lines[i];
    while (true) {
      const auto comma = rest.rfind(',');
      const auto hop = parse_hop(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      if (!hop) return {};
      last = hop->to_string();
      if (!contains(*hop)) return last;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return last;
}

}  // namespace usher::net
