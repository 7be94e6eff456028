// The data that is built into the program: the pattern library and the model's weights.
#pragma once

#include <span>
#include <string_view>

namespace usher::classifier {

[[nodiscard]] std::string_view embedded_patterns() noexcept;
[[nodiscard]] std::span<const char> embedded_model() noexcept;

}  // namespace usher::classifier
