// Which pages of other origins may read what the desk answers (the Fetch standard's CORS protocol). None, unless set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "net/http.hpp"

namespace usher::net {

/// Origins separated by commas, or `*` alone. `invalid` names what is no origin: `https://host[:port]`, no path.
[[nodiscard]] domain::result<std::vector<std::string>> parse_origins(std::string_view text);

/// Tells the browser that asked whether its page may read this answer, and what a preflight wants to know. Never with
/// credentials: a bearer token is sent by the page, not by the browser.
void add_cors(response& out, const request& in, const std::vector<std::string>& origins);

}  // namespace usher::net
