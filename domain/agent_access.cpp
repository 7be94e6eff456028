#include "domain/agent_access.hpp"

#include <vector>

namespace usher::domain {

namespace {

bool leads_the_desk(const caller& who) { return who.at_least(role::supervisor) && !who.organization; }

bool takes_more(const caller& who, const agent* before, const agent& after) {
  if (who.sub != after.id) return false;
  const bool other_role = before == nullptr || before->role != after.role;
  if (other_role && after.role > who.role) return true;
  if (!who.organization) return false;
  return after.organizations !=
         (before == nullptr ? std::vector<organization_id>{*who.organization} : before->organizations);
}

}  // namespace

result<void> may_change_agent(const caller& who, std::string_view id) {
  if (leads_the_desk(who) || who.sub == id) return {};
  return fail(errc::forbidden, "an agent may change its own entry only");
}

result<void> allow_agent(const caller& who, const agent* before, const agent& after) {
  if (before != nullptr && before->role != after.role && !leads_the_desk(who))
    return fail(errc::forbidden, "the role is a supervisor's to change");
  if (takes_more(who, before, after))
    return fail(errc::forbidden, "an own entry's role and organizations are not widened by oneself");
  return {};
}

}  // namespace usher::domain
