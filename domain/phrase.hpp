// Words that have to go from texts, e.g. a guest's name: where they stand, and the texts without them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::domain {

/// What stands where a text was.
inline constexpr std::string_view erased_text = "[erased]";

/// In characters.
inline constexpr std::size_t phrase_characters_min = 3;
inline constexpr std::size_t phrase_characters_max = 200;

/// `text` as it is searched for: small letters without accents (Latin, Greek, Cyrillic), one space for any gap, without
/// what nobody sees.
[[nodiscard]] std::string folded(std::string_view text);

/// What is wrong with a phrase that is to be erased; nothing when it will do.
[[nodiscard]] std::optional<std::string_view> phrase_defect(std::string_view phrase);

/// `text` with `erased_text` wherever it says `phrase` as words of its own, whatever case, accents and gaps. In scripts
/// that put no spaces between words, wherever it stands.
[[nodiscard]] std::string without_phrase(std::string_view text, std::string_view phrase);

/// The same within the strings of a JSON text, keys included.
[[nodiscard]] std::string json_without_phrase(std::string_view json, std::string_view phrase);

/// Where `text` says the phrase: each place with the words around it.
[[nodiscard]] std::vector<std::string> phrase_excerpts(std::string_view text, std::string_view phrase);
/// The same for the strings of a JSON text.
[[nodiscard]] std::vector<std::string> json_phrase_excerpts(std::string_view json, std::string_view phrase);

/// A regular expression of PostgreSQL that matches every text, and every JSON text, that says the phrase; and some that
/// do not, since it knows of no words.
[[nodiscard]] std::string phrase_pattern(std::string_view phrase);

}  // namespace usher::domain
