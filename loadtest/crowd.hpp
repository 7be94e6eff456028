// The people of a scenario: customers of many organizations, a few of them large, and the staff of the desk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/cast.hpp"
#include "loadtest/lots.hpp"
#include "loadtest/scenario.hpp"

namespace usher::load {

struct crowd_member {
  std::string sub;
  std::string token;               ///< empty when the run has no key
  std::uint32_t organization = 0;  ///< index; of customers only
};

struct crowd_organization {
  std::string id;
  std::string name;
  std::string_view tier;
  std::size_t customers = 0;
};

struct crowd {
  actor admin;
  std::vector<crowd_organization> organizations;
  std::vector<crowd_member> customers;
  std::vector<crowd_member> agents;
  std::vector<crowd_member> supervisors;
  std::vector<crowd_member> managers;

  /// The people of a role.
  [[nodiscard]] const std::vector<crowd_member>& of(role who) const;
};

/// Who is in it follows from the plan and the seed. Each organization has a customer at least, the rest is dealt by
/// Zipf's law. `tokens` may be null: then nobody has one.
[[nodiscard]] crowd make_crowd(const cast_plan& plan, const token_maker* tokens, std::uint64_t seed);

}  // namespace usher::load
