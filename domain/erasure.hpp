// Erasing what a ticket says of a person, in place: who and what goes, numbers, times and clocks stay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "domain/ticket_decide.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

/// What stands where a text was.
inline constexpr std::string_view erased_text = "[erased]";

/// Who stands where a person was: the same in everything that one erasure reached, and derived from nothing of theirs.
[[nodiscard]] std::string erased_person(const uuid& erasure);

/// `text` as it is searched for: small letters without accents, of the Latin alphabets.
[[nodiscard]] std::string folded(std::string_view text);

/// Whether two names of a person are the same, whatever their case: addresses are not told apart by it.
[[nodiscard]] bool same_person(std::string_view one, std::string_view other);

/// `text` with `erased_text` wherever it says `phrase` as words of its own, whatever case and accents.
[[nodiscard]] std::string without_phrase(std::string_view text, std::string_view phrase);

/// The same within the strings of a JSON text; `phrase` has neither quotes nor backslashes.
[[nodiscard]] std::string json_without_phrase(std::string_view json, std::string_view phrase);

/// What happens to a ticket; nothing when there is nothing left to erase.
[[nodiscard]] result<std::vector<ticket_event>> decide_erase(const ticket& t, const erase_personal& command,
                                                             const caller& by);

/// The fold of `personal_erased`.
void erase(ticket& state, const personal_erased& event);

}  // namespace usher::domain
