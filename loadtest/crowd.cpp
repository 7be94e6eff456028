#include "loadtest/crowd.hpp"

#include <algorithm>
#include <cmath>

namespace usher::load {

namespace {

crowd_member member(const token_maker* tokens, std::string sub, std::string_view role, std::string_view organization) {
  crowd_member out{std::move(sub), {}, 0};
  if (tokens != nullptr) out.token = tokens->make({out.sub, role, organization});
  return out;
}

std::vector<crowd_member> staff(const token_maker* tokens, std::string_view role, std::size_t count) {
  std::vector<crowd_member> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(member(tokens, "load-" + std::string(role) + "-" + std::to_string(i + 1), role, {}));
  return out;
}

/// The shares of the organizations, summed up.
std::vector<double> zipf(std::size_t count, double tail) {
  std::vector<double> out;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) out.push_back(sum += std::pow(static_cast<double>(i + 1), -tail));
  return out;
}

}  // namespace

const std::vector<crowd_member>& crowd::of(role who) const {
  switch (who) {
    case role::customer:
      return customers;
    case role::agent:
      return agents;
    case role::supervisor:
      return supervisors;
    case role::manager:
      return managers;
  }
  return customers;
}

crowd make_crowd(const cast_plan& plan, const token_maker* tokens, std::uint64_t seed) {
  crowd out;
  auto admin = member(tokens, "load-admin", "admin", {});
  out.admin = {admin.sub, "admin", admin.token};
  out.agents = staff(tokens, "agent", plan.agents);
  out.supervisors = staff(tokens, "supervisor", plan.supervisors);
  out.managers = staff(tokens, "manager", plan.supervisors);
  for (std::size_t i = 0; i < plan.organizations; ++i) {
    out.organizations.push_back({seeded_uuid(seed, "crowd", i),
                                 "Load " + std::to_string(seed) + "/" + std::to_string(i + 1), tiers[i % tiers.size()],
                                 0});
  }
  if (plan.organizations == 0) return out;
  auto shares = zipf(plan.organizations, plan.tail);
  lots dealing(draw(seed, "customers", 0));
  for (std::size_t i = 0; i < plan.customers; ++i) {
    auto at = i;
    if (i >= plan.organizations) {
      auto found = std::upper_bound(shares.begin(), shares.end(), dealing.share() * shares.back());
      at = std::min(static_cast<std::size_t>(found - shares.begin()), plan.organizations - 1);
    }
    auto& o = out.organizations[at];
    auto made = member(tokens, "load-customer-" + std::to_string(i + 1), "requester", o.id);
    made.organization = static_cast<std::uint32_t>(at);
    ++o.customers;
    out.customers.push_back(std::move(made));
  }
  return out;
}

}  // namespace usher::load
