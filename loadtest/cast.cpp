#include "loadtest/cast.hpp"

#include "domain/ids.hpp"

namespace usher::load {

namespace {

/// The finalizer of splitmix64.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

actor make_actor(const token_maker& tokens, std::string sub, std::string role, std::string_view organization) {
  auto token = tokens.make({sub, role, organization});
  return {std::move(sub), std::move(role), std::move(token)};
}

}  // namespace

std::uint64_t draw(std::uint64_t seed, std::string_view what, std::uint64_t index) {
  std::uint64_t state = mix(seed + 0x9E3779B97F4A7C15ULL);
  for (char c : what) state = mix(state ^ static_cast<unsigned char>(c));
  return mix(state + index * 0x9E3779B97F4A7C15ULL);
}

std::string seeded_uuid(std::uint64_t seed, std::string_view what, std::uint64_t index) {
  auto high = draw(seed, std::string(what) + "-high", index);
  auto low = draw(seed, std::string(what) + "-low", index);
  domain::uuid id;
  for (unsigned i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(high >> (8 * (7 - i)));
    id.bytes[i + 8] = static_cast<std::uint8_t>(low >> (8 * (7 - i)));
  }
  // Version 8, "vendor-specific" (RFC 9562, section 5.8): the bits come from a seed, not from a clock.
  id.bytes[6] = static_cast<std::uint8_t>(0x80U | (id.bytes[6] & 0x0FU));
  id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
  return domain::to_string(id);
}

std::vector<std::size_t> cast::of_tier(std::string_view tier) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < organizations.size(); ++i) {
    if (organizations[i].tier == tier) found.push_back(i);
  }
  return found;
}

cast make_cast(const token_maker& tokens, std::uint64_t seed, std::size_t organizations) {
  cast out;
  out.seed = seed;
  out.admin = make_actor(tokens, "load-admin", "admin", {});
  for (std::size_t i = 0; i < agents_on_duty; ++i)
    out.agents.push_back(make_actor(tokens, "load-agent-" + std::to_string(i + 1), "agent", {}));
  for (std::size_t i = 0; i < organizations; ++i) {
    cast_organization o;
    o.id = seeded_uuid(seed, "organization", i);
    o.name = "Load " + std::to_string(seed) + "/" + std::to_string(i + 1);
    o.tier = tiers[i % tiers.size()];
    for (std::size_t c = 0; c < customers_per_organization; ++c) {
      auto sub = "load-customer-" + std::to_string(i + 1) + "-" + std::to_string(c + 1);
      o.customers.push_back(make_actor(tokens, std::move(sub), "requester", o.id));
    }
    out.organizations.push_back(std::move(o));
  }
  return out;
}

}  // namespace usher::load
