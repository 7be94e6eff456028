// Keys of machines as JSON.
#pragma once

#include <optional>
#include <string>

#include "domain/api_key.hpp"
#include "domain/error.hpp"
#include "net/json_reader.hpp"

namespace usher::net {

/// What a body says of a new key: name, role, organization, scopes (all that the role may when it names none), and its
/// end, which has to lie after `now`. Errors: `invalid`, with a pointer for each member that is wrong or unknown.
[[nodiscard]] domain::result<domain::api_key> decode_new_api_key(const json_value& body, domain::instant now);

/// Appends; with the key itself where it is to be shown.
void encode_api_key(std::string& out, const domain::api_key& what, const std::optional<std::string>& text);

}  // namespace usher::net
