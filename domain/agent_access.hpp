// Who may change the desk's people.
#pragma once

#include <string_view>

#include "domain/caller.hpp"
#include "domain/desk_settings.hpp"
#include "domain/error.hpp"

namespace usher::domain {

/// An agent changes its own entry; others are a supervisor's of the whole desk: the agents belong to no organization.
/// `forbidden`.
[[nodiscard]] result<void> may_change_agent(const caller& who, std::string_view id);

/// Whether `who`, who may change the entry, may make it `after`; `before` is null for a new one. Who signs in with a
/// password has the role of the entry and is limited to its organizations, so nobody gives himself more than he asks
/// with. `forbidden`.
[[nodiscard]] result<void> allow_agent(const caller& who, const agent* before, const agent& after);

}  // namespace usher::domain
