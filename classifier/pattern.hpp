// What a pattern is, and the words for what it can mean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"

namespace usher::classifier {

/// What a text can say about how pressing it is. The first ones speak for an emergency, the others against it.
enum class signal : std::uint8_t {
  today,         ///< the day is today: "tonight", "this afternoon", "we marry at four"
  soon,          ///< hours or minutes are counted
  tomorrow,      ///< the day is tomorrow
  missing,       ///< a person or a delivery that the day needs is not there
  failing,       ///< something does not work at all
  waiting,       ///< people stand there because of it
  distress,      ///< a call for help
  hypothetical,  ///< "what if", "suppose", "in theory"
  past,          ///< "last month", "back then", "reporting for the record"
  resolved,      ///< "false alarm", "found it", "all sorted"
  calm,          ///< "no rush", "whenever", "tomorrow is fine"
  distant,       ///< the wedding is weeks or months away
  gratitude,     ///< thanks and praise
  cosmetic,      ///< a typo, a colour, a font
  question,      ///< how something is done, or what is possible
  elsewhere,     ///< at another wedding, at work: the day is not the matter
};
inline constexpr std::size_t signal_count = 16;

/// Meanings of urgency are written `urgency.today`; other meanings are category codes.
inline constexpr std::string_view urgency_prefix = "urgency.";

[[nodiscard]] std::string_view to_word(signal s) noexcept;
[[nodiscard]] std::optional<signal> parse_signal(std::string_view word) noexcept;
/// Signals from `hypothetical` on guard: what stands in their sentence does not count as said.
[[nodiscard]] constexpr bool is_guard(signal s) noexcept { return s >= signal::hypothetical; }

/// One regular expression with its meaning. It is matched against the plain form of a ticket (text.hpp): lower case, no
/// accents, straight quotes; so letters of the expression are taken without case and accents too.
struct pattern {
  std::string id;        ///< `payout.held.es`: what comes before the last dot is the concept, shared by languages
  std::string meaning;   ///< a category code, or `urgency.` and a signal
  float weight = 1;      ///< how much a hit counts, from -10 to 10
  std::string language;  ///< `en`, `es`, `fr`, or `any`
  std::string regex;
  bool enabled = true;

  bool operator==(const pattern&) const = default;
};

inline constexpr std::size_t pattern_id_bytes_max = 80;
inline constexpr std::size_t pattern_regex_bytes_max = 600;
inline constexpr float pattern_weight_max = 10;
inline constexpr std::size_t patterns_max = 4'000;
/// The most that counted repeats (`{2,50}`) may ask for, all of an expression multiplied.
inline constexpr long pattern_repeats_max = 1'000;
/// What a pattern's expressions may come to (pattern_size.hpp), plain phrases left aside; the shipped library's largest
/// has 306. Compiling one of the limit takes about a second, whatever it looks like.
inline constexpr long pattern_size_max = 500;
/// What those of all enabled patterns may come to together; the shipped library has 6,200.
inline constexpr long pattern_set_size_max = 10'000;

/// Everything about a pattern but its expression.
[[nodiscard]] domain::result<void> check_pattern_fields(const pattern& p);

/// The concept of a pattern: its id without the language at the end.
[[nodiscard]] std::string_view concept_of(const pattern& p) noexcept;

/// The patterns that Usher ships with.
[[nodiscard]] const std::vector<pattern>& shipped_patterns();

/// Reads the library's format: a line a pattern, tab-separated: concept, meaning, weight, language, expression. Empty
/// lines and lines with `#` in front are skipped. An expression is taken between word boundaries. Malformed: the line
/// is named.
[[nodiscard]] domain::result<std::vector<pattern>> parse_patterns(std::string_view text);

}  // namespace usher::classifier
