#include <charconv>
#include <chrono>
#include <iostream>
#include <optional>

#include "app/commands.hpp"
#include "app/signing_key.hpp"

namespace usher::app {

namespace {

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  std::int64_t count = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec != std::errc() || count < 1 || count > 1'000'000'000 || end + 1 != text.data() + text.size())
    return std::nullopt;
  switch (*end) {
    case 's':
      return std::chrono::seconds(count);
    case 'm':
      return std::chrono::minutes(count);
    case 'h':
      return std::chrono::hours(count);
    case 'd':
      return std::chrono::hours(24 * count);
    default:
      return std::nullopt;
  }
}

int refuse(const std::string& why) {
  std::cerr << "usher token: " << why << '\n';
  return 2;
}

}  // namespace

int token(const token_request& request) {
  auto role = domain::parse_role(request.role);
  if (!role)
    return refuse("--role takes requester, agent, supervisor, manager, executive or admin, not '" + request.role + "'");
  auto ttl = parse_duration(request.ttl);
  if (!ttl) return refuse("--ttl takes a number and s, m, h or d, such as 12h, not '" + request.ttl + "'");
  domain::caller who{request.sub.empty() ? request.role : request.sub, *role, std::nullopt};
  if (who.sub.size() > domain::user_id_bytes_max) return refuse("--sub is longer than 128 bytes");
  if (!request.organization.empty()) {
    who.organization = domain::organization_id::parse(request.organization);
    if (!who.organization) return refuse("--org takes a UUID, not '" + request.organization + "'");
  }
  if (*role == domain::role::requester && !who.organization) return refuse("a requester's token needs --org");
  ensure_signing_key(request.key_file);
  auto keys = load_keys(request.key_file);
  if (keys.size() != 1 || keys.front().algorithm() != net::jwt_algorithm::hs256)
    return refuse(request.key_file + " holds public keys; tokens are signed where the private ones are");
  std::cout << net::sign_token(keys.front(), who, domain::system_clock_port().now(), *ttl) << '\n';
  return 0;
}

}  // namespace usher::app
