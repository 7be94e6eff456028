// How much work an expression makes for the compiler of patterns, known before it is begun.
#pragma once

#include <string_view>

namespace usher::classifier {

/// The places of an expression once its counted repeats are written out: `a(?:bc){2,5}` has eleven. Compilation can't
/// be called off and takes time in proportion to it, or worse, so that it is bounded beforehand. Takes any bytes; what
/// is malformed is somebody else's to refuse. At most `pattern_size_counted_max`.
[[nodiscard]] long pattern_size(std::string_view expression);
inline constexpr long pattern_size_counted_max = 1'000'000;

}  // namespace usher::classifier
