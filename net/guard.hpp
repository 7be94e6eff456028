// What is refused before anything is read of a body: framing that could be understood in two ways, and what is too
// large (contract, section 2). Beast checks none of it.
#pragma once

#include <optional>
#include <string_view>

#include "net/http.hpp"
#include "net/limits.hpp"
#include "net/problem.hpp"

namespace usher::net {

/// Judges a header that was parsed. A refusal closes the connection.
[[nodiscard]] std::optional<refusal> check_head(const request_head& head, const limits& bounds);

/// Why a header that grew over the limit is refused: 414 when its first line alone is too long, else 431.
[[nodiscard]] refusal refuse_oversized(std::string_view received, const limits& bounds);

/// Why a header that does not parse is refused: 411 when a transfer coding was in it, else 400.
[[nodiscard]] refusal refuse_malformed(const request_head& head);

}  // namespace usher::net
