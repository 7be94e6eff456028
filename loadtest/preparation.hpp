// What a run needs on the server before its first journey.
#pragma once

#include <string>
#include <string_view>

#include "loadtest/crowd.hpp"
#include "loadtest/http_client.hpp"

namespace usher::load {

/// The body of `PUT /api/support/organizations/{id}`.
[[nodiscard]] std::string organization_body(std::string_view name, std::string_view tier);

/// Makes the organizations that are not there yet. Throws std::runtime_error when the server can't be reached or
/// refuses.
void make_organizations(const target& where, const crowd& people);

/// Enters the agents, the supervisors and the managers, and signs the agents on. False: the server has no such route.
/// Throws std::runtime_error when the server can't be reached.
bool register_agents(const target& where, const crowd& people);

}  // namespace usher::load
