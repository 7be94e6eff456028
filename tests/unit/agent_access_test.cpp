// Who may change the desk's people, and what nobody gives himself.
#include "domain/agent_access.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace usher::domain;

namespace {

agent person(std::string id, role r, std::vector<organization_id> of = {}) {
  agent out;
  out.id = std::move(id);
  out.role = r;
  out.organizations = std::move(of);
  return out;
}

const organization_id ours = organization_id::generate();
const organization_id theirs = organization_id::generate();

}  // namespace

TEST_CASE("agents: an entry is its agent's, and a supervisor's of the whole desk") {
  CHECK(may_change_agent({"ina", role::agent, {}}, "ina"));
  CHECK_FALSE(may_change_agent({"ina", role::agent, {}}, "bert"));
  CHECK(may_change_agent({"sue", role::supervisor, {}}, "bert"));
  CHECK_FALSE(may_change_agent({"sue", role::supervisor, ours}, "bert"));
  CHECK(may_change_agent({"sue", role::supervisor, ours}, "sue"));
}

TEST_CASE("agents: nobody gives himself a higher role, or more organizations") {
  const caller ina{"ina", role::agent, {}};
  const auto before = person("ina", role::agent);
  CHECK(allow_agent(ina, &before, before));
  CHECK_FALSE(allow_agent(ina, &before, person("ina", role::supervisor)));
  CHECK_FALSE(allow_agent(ina, nullptr, person("ina", role::manager)));
  const caller sue{"sue", role::supervisor, {}};
  CHECK(allow_agent(sue, &before, person("ina", role::supervisor)));
  const auto herself = person("sue", role::supervisor);
  CHECK_FALSE(allow_agent(sue, &herself, person("sue", role::executive)));
  CHECK(allow_agent(sue, &herself, person("sue", role::agent)));

  const caller narrowed{"ina", role::agent, ours};
  const auto limited = person("ina", role::agent, {ours});
  CHECK(allow_agent(narrowed, &limited, limited));
  CHECK_FALSE(allow_agent(narrowed, &limited, person("ina", role::agent, {ours, theirs})));
  CHECK_FALSE(allow_agent(narrowed, &limited, person("ina", role::agent)));
  CHECK(allow_agent(narrowed, nullptr, limited));
  CHECK_FALSE(allow_agent(narrowed, nullptr, person("ina", role::agent)));
}
