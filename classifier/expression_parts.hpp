// A pattern's expression taken apart into plain words, which cost next to nothing to look for, and what is left.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usher::classifier {

/// Words in a row, between word boundaries.
struct literal {
  std::string text;
  bool open_end = false;  ///< it ended in `\w*`: whatever the last word goes on with

  bool operator==(const literal&) const = default;
};

struct expression_parts {
  std::vector<literal> literals;
  std::vector<std::string> expressions;  ///< each between its own boundaries, where the whole was
};

/// More words than this are left to the expression that spells them.
inline constexpr std::size_t literals_of_one_max = 256;

/// Takes `\b(?:one|t(?:w|h)o|three\w*)\b` apart. An alternative that says more than words (`.`, `\d`, repeats) stays an
/// expression; an expression of any other form stays whole. What matches is the same before and after.
[[nodiscard]] expression_parts take_apart(std::string_view expression);

}  // namespace usher::classifier
