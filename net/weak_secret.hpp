// Secrets that are long enough, and guessed all the same.
#pragma once

#include <optional>
#include <string_view>

namespace usher::net {

/// Whether it is an example out of somebody's documentation: everybody has it.
[[nodiscard]] bool is_known_example(std::string_view secret);

/// Why a secret is too easy to guess, as the end of the sentence "The secret …"; nothing when nothing is known against
/// it. Which ones those are is a guess itself: what is drawn at random passes.
[[nodiscard]] std::optional<std::string_view> weakness_of(std::string_view secret);

}  // namespace usher::net
