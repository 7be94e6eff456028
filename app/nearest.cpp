#include "app/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace usher::app {

namespace {

/// Levenshtein's distance, a row at a time.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const auto found = std::ranges::min_element(candidates, {}, [&](const auto& each) { return edits(word, each); });
  return found == candidates.end() ? std::string() : *found;
}

}  // namespace usher::app
