// The classifier's library, as it is shipped, in the database.
#pragma once

#include "domain/pattern_library.hpp"
#include "store/connection.hpp"

namespace usher::store {

/// Adds the patterns that are missing, brings those up to date that the desk has left as they were shipped, and takes
/// out the shipped ones that the library has no more. One transaction. Throws `std::runtime_error` when the database
/// refuses.
void seed_patterns(const connect_target& writer, const domain::pattern_library& shipped);

}  // namespace usher::store
