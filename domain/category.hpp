// The categories that a desk starts with (contract, section 8).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace usher::domain {

/// Ascending order of urgency is low to critical; the values here go the other way, as the contract lists them.
enum class priority : std::uint8_t { critical, high, medium, low };
inline constexpr int priority_count = 4;

[[nodiscard]] std::string_view to_word(priority p) noexcept;
[[nodiscard]] std::optional<priority> parse_priority(std::string_view word) noexcept;

struct category {
  std::string_view code;
  priority default_priority;
  bool threatens_day;       ///< trouble of this kind usually threatens a wedding day
  std::string_view skills;  ///< comma-separated
};

/// What a ticket is about when nobody and nothing says.
inline constexpr std::string_view general_question = "general_question";

[[nodiscard]] std::span<const category> default_categories() noexcept;
[[nodiscard]] const category* find_category(std::string_view code) noexcept;

}  // namespace usher::domain
