// Who takes part in a run: organizations of every tier with their customers, and the staff of the desk.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/tokens.hpp"

namespace usher::load {

/// Somebody with a token.
struct actor {
  std::string sub;
  std::string role;
  std::string token;
};

struct cast_organization {
  std::string id;
  std::string name;
  std::string tier;
  std::vector<actor> customers;
};

inline constexpr std::array<std::string_view, 4> tiers{"ENTERPRISE", "PROFESSIONAL", "STARTER", "FREE"};
/// So many that the desk's default limits of requests a caller (contract, section 1) hardly ever hold a run up.
inline constexpr std::size_t customers_per_organization = 12;
inline constexpr std::size_t agents_on_duty = 40;

/// Everything about it follows from the seed and the number of organizations, except the tokens' times.
struct cast {
  std::uint64_t seed = 0;
  actor admin;
  std::vector<actor> agents;
  std::vector<cast_organization> organizations;

  /// The indexes of the organizations of a tier.
  [[nodiscard]] std::vector<std::size_t> of_tier(std::string_view tier) const;
};

/// `organizations` is at least the number of tiers: each tier has one.
[[nodiscard]] cast make_cast(const token_maker& tokens, std::uint64_t seed, std::size_t organizations);

/// A UUID (RFC 9562, version 8) that follows from a seed.
[[nodiscard]] std::string seeded_uuid(std::uint64_t seed, std::string_view what, std::uint64_t index);

/// A well-mixed number for a purpose (`what`) and an index, the same for the same seed.
[[nodiscard]] std::uint64_t draw(std::uint64_t seed, std::string_view what, std::uint64_t index);

}  // namespace usher::load
