// Demo data: a desk on the Friday before a wedding Saturday.
#pragma once

#include <string>

#include "actors/gateway.hpp"
#include "domain/time.hpp"
#include "net/jwt_keys.hpp"
#include "store/connection.hpp"

namespace usher::app {

/// Seeds organizations of every tier and tickets around the next Saturday, unless the desk has some already. Throws
/// `std::runtime_error` when the desk refuses one.
void seed_demo(gateway& desk, const domain::clock_port& clock);

/// Who may sign in at the demo's console.
struct demo_account {
  std::string user;
  std::string password;
};

/// The account of `path`, a JSON file readable by its owner only; when there is none, one of the demo's agents gets a
/// password drawn at random. `doorkeeper` is a target of that role. Throws `std::runtime_error`.
[[nodiscard]] demo_account demo_login(const store::connect_target& doorkeeper, const std::string& path,
                                      domain::instant now);

/// What a newcomer needs, as text: the address, who may sign in there, a token for each role, and a `curl` line that
/// creates a ticket. Writes the tokens to `path` as JSON as well, readable by its owner only.
[[nodiscard]] std::string demo_welcome(const std::string& url, const demo_account& login, const net::jwt_key& key,
                                       domain::instant now, const std::string& path);

}  // namespace usher::app
