// Erasing what a ticket says of a person, in place: who and what goes, numbers, times and clocks stay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "domain/phrase.hpp"
#include "domain/settings_change.hpp"
#include "domain/ticket_decide.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

/// Who stands where a person was: the same in everything that one erasure reached, and derived from nothing of theirs.
[[nodiscard]] std::string erased_person(const uuid& erasure);

/// Whether two names of a person are the same, whatever their case: addresses are not told apart by it.
[[nodiscard]] bool same_person(std::string_view one, std::string_view other);

/// What happens to a ticket; nothing when there is nothing left to erase.
[[nodiscard]] result<std::vector<ticket_event>> decide_erase(const ticket& t, const erase_personal& command,
                                                             const caller& by);

/// The fold of `personal_erased`.
void erase(ticket& state, const personal_erased& event);

/// The record of one of the desk's people without who it was: nobody tells it anything, and no choice comes to it. Its
/// id stays, since tickets and figures go by it. Errors: `not_found`; `conflict` while the agent is there.
[[nodiscard]] result<settings_change> erase_agent(const desk_settings& now, std::string_view id, const uuid& erasure);

}  // namespace usher::domain
