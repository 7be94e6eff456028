// The desk's settings, from their rows.
#pragma once

#include <functional>
#include <string_view>

#include "domain/desk_settings.hpp"
#include "store/connection.hpp"
#include "store/ports.hpp"

namespace usher::store {

/// Answers one statement without parameters.
using ask_rows = std::function<rows(std::string_view sql)>;

/// Everything that people have set, compiled. Throws `unknown_word` when a row makes no sense, and what `ask` throws.
[[nodiscard]] domain::desk_settings read_settings_from(const ask_rows& ask);

/// Puts the row of a change in the place of the one that was there, or takes it away; touches exactly one row.
[[nodiscard]] statement settings_statement(const settings_write& what);

}  // namespace usher::store
