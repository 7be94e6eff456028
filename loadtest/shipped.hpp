// The files that are built into the program; their source is generated.
#pragma once

#include <span>

#include "loadtest/scenario.hpp"

namespace usher::load {

/// The scenarios, the report's page, and the corpus of tickets, by their names.
[[nodiscard]] std::span<const shipped_file> shipped_files() noexcept;

}  // namespace usher::load
