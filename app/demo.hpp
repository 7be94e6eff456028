// Demo data: a desk on the Friday before a wedding Saturday.
#pragma once

#include <string>

#include "actors/gateway.hpp"
#include "domain/time.hpp"
#include "net/jwt_keys.hpp"

namespace usher::app {

/// Seeds organizations of every tier and tickets around the next Saturday, unless the desk has some already. Throws
/// `std::runtime_error` when the desk refuses one.
void seed_demo(gateway& desk, const domain::clock_port& clock);

/// What a newcomer needs, as text: the address, a token for each role, and a `curl` line that creates a ticket. Writes
/// the tokens to `path` as JSON as well, readable by its owner only.
[[nodiscard]] std::string demo_welcome(const std::string& url, const net::jwt_key& key, domain::instant now,
                                       const std::string& path);

}  // namespace usher::app
