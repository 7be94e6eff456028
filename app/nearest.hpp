// "Did you mean …?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usher::app {

/// The candidate that takes the fewest single-character edits to get to from `word`; the first of several. Empty
/// without candidates.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace usher::app
