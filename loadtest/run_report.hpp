// The run's figures for machines (JSON) and for people (one HTML file).
#pragma once

#include <string>

#include "loadtest/run_figures.hpp"

namespace usher::load {

/// Everything as one JSON object. Times are in the unit that a member's name ends with.
[[nodiscard]] std::string to_json(const run_result& result);

/// Throw std::runtime_error when the file can't be written. The page holds all that it needs and asks nobody for more.
void write_summary(const std::string& path, const run_result& result);
void write_page(const std::string& path, const run_result& result);

}  // namespace usher::load
