// Macros: named sets of changes with a reply, whose placeholders are filled in from the ticket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/settings_change.hpp"
#include "domain/ticket_decide.hpp"

namespace usher::domain {

/// What may stand between two pairs of braces in a reply, e.g. `{{ticket.number}}`.
[[nodiscard]] const std::vector<std::string_view>& macro_placeholders();

/// Of a template: what stands between braces and is none of the known words.
[[nodiscard]] std::vector<std::string> unknown_placeholders(std::string_view text);

/// The reply to this ticket. What is filled in is never read for placeholders itself; what the ticket doesn't have is
/// left out.
[[nodiscard]] std::string fill_in(std::string_view text, const ticket& t, const caller& by,
                                  const desk_settings& settings);

/// Creates or replaces. Names are unique.
[[nodiscard]] result<settings_change> put_macro(const desk_settings& now, macro what);
[[nodiscard]] result<settings_change> remove_macro(const desk_settings& now, const macro_id& id);

/// The reply, then the changes, as one change of the ticket.
[[nodiscard]] result<std::vector<ticket_event>> decide_macro(const ticket& t, const run_macro& c,
                                                             const decision_context& context);

}  // namespace usher::domain
