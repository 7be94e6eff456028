// What is refused while the desk has more to do than it can, least important first.
#pragma once

#include <optional>

#include "net/route_traits.hpp"
#include "net/services.hpp"

namespace usher::net {

/// Before a body of `length` bytes is read: whatever it says, there is no room. Nothing: read it.
[[nodiscard]] std::optional<response> refuse_before_body(services& with, const request& in, const route_traits& traits,
                                                         std::size_t length);

/// Takes the request in, with its body, or refuses it.
[[nodiscard]] std::optional<response> take_place(services& with, const request& in, const route_traits& traits,
                                                 desk_place& place);

}  // namespace usher::net
