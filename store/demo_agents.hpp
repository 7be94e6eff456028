// The staff of the demo.
#pragma once

#include "store/connection.hpp"

namespace usher::store {

/// Adds the demo's agents where they are missing, as the writer. Throws `std::runtime_error` when the database refuses.
void seed_demo_agents(const connect_target& writer);

}  // namespace usher::store
