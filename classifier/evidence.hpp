// What patterns and circumstances say about a ticket, as a short list of numbers: the model weighs them beside the
// text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "classifier/pattern.hpp"

namespace usher::classifier {

inline constexpr std::size_t category_count = 21;  ///< of the contract's section 8, in its order

/// Who writes, where that is known.
enum class requester_kind : std::uint8_t { unknown, couple, vendor, planner, venue, guest };
inline constexpr std::size_t requester_kind_count = 6;
[[nodiscard]] std::optional<requester_kind> parse_requester_kind(std::string_view word) noexcept;

/// How far away the ceremony is.
enum class nearness : std::uint8_t {
  unknown,
  over,       ///< more than 12 hours ago
  day,        ///< from 10 hours before: the contract's 8, and what people mean by "today"
  two_days,   ///< within 48 hours
  two_weeks,  ///< within 14 days
  far,
};
inline constexpr std::size_t nearness_count = 6;
/// Hours before the ceremony, negative after it.
[[nodiscard]] nearness nearness_of(std::optional<double> hours_to_wedding) noexcept;

/// The numbers, by place.
namespace evidence_at {
inline constexpr std::size_t categories = 0;                         ///< what the patterns of each category add up to
inline constexpr std::size_t signals = categories + category_count;  ///< said
inline constexpr std::size_t guarded = signals + signal_count;       ///< said in the sentence of a guard
inline constexpr std::size_t requester = guarded + signal_count;
inline constexpr std::size_t near = requester + requester_kind_count;
inline constexpr std::size_t count = near + nearness_count;
}  // namespace evidence_at

struct evidence {
  std::array<float, evidence_at::count> at{};

  [[nodiscard]] float category(std::size_t c) const noexcept { return at[evidence_at::categories + c]; }
  [[nodiscard]] float said(signal s) const noexcept { return at[evidence_at::signals + static_cast<std::size_t>(s)]; }
};

/// What a pattern's hit adds to, worked out once for a set.
struct pattern_effect {
  std::uint8_t place = 0;  ///< in `evidence::at`; `no_place` for a category that the model does not know
  float weight = 0;
  bool urgency = false;
  bool guard = false;
  std::uint32_t concept_key = 0;
};
inline constexpr std::uint8_t no_place = 0xff;
[[nodiscard]] pattern_effect effect_of(const pattern& p) noexcept;

/// More evidence of one kind than this says no more.
inline constexpr float evidence_max = 4;

/// A hit's place in the text, and what it adds to.
struct effective_hit {
  const pattern_effect* effect = nullptr;
  std::uint32_t end = 0;
};

/// Adds up hits, in the order in which they end, over the sentences of a plain text.
void weigh_hits(std::string_view text, std::span<const effective_hit> hits, evidence& out);

/// The place of a category among those of the contract; nothing for one that a desk added.
[[nodiscard]] std::optional<std::size_t> category_index(std::string_view code) noexcept;

}  // namespace usher::classifier
