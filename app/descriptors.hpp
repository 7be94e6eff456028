// File descriptors: each connection is one.
#pragma once

#include <cstddef>

namespace usher::app {

/// Raises the limit of open files as far as `connections` of them need, and the system allows. Gives how many
/// connections there is room for beside what Usher itself opens; says so in the log when it is less than was asked for.
[[nodiscard]] std::size_t make_room(std::size_t connections);

}  // namespace usher::app
