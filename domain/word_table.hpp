// Words for the values of an enumeration: one array, read in both directions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace usher::domain {

/// The value whose word stands at the same place in `words`; nothing when the word is not among them.
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::optional<Enum> find_word(const std::array<std::string_view, N>& words,
                                                      std::string_view word) noexcept {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

}  // namespace usher::domain
