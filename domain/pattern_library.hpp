// The classifier's patterns, as the desk keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace usher::domain {

/// Where a pattern is from. A new program brings a new library: what the desk has changed of it stays as it is.
enum class pattern_origin : std::uint8_t {
  shipped,  ///< as the library has it
  edited,   ///< the library's, changed by the desk
  removed,  ///< the library's, taken out by the desk
  desk,     ///< the desk's own
};
[[nodiscard]] std::string_view to_word(pattern_origin o) noexcept;
[[nodiscard]] std::optional<pattern_origin> parse_pattern_origin(std::string_view word) noexcept;

/// What a text is searched for, and what a hit speaks for.
struct desk_pattern {
  std::string id;
  std::string meaning;  ///< a category's code, or `urgency.` and a signal
  float weight = 1;
  std::string language = "any";
  std::string expression;
  bool enabled = true;
  pattern_origin origin = pattern_origin::desk;
  std::int64_t version = 1;
};

inline constexpr std::string_view urgency_meaning = "urgency.";

/// By id; shared between versions of the settings, of which few change it.
using pattern_library = std::map<std::string, desk_pattern, std::less<>>;
using pattern_library_ptr = std::shared_ptr<const pattern_library>;

/// The row of a pattern: the text of a JSON object, a member a column.
[[nodiscard]] std::string pattern_row(const desk_pattern& p);

}  // namespace usher::domain
