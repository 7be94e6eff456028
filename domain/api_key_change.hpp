// Changes of the keys of machines, pure: the settings in, the next ones and a row out.
#pragma once

#include "domain/api_key.hpp"
#include "domain/settings_change.hpp"

namespace usher::domain {

/// Of one organization, and of the desk itself.
inline constexpr std::size_t api_keys_max = 100;

/// `conflict` when there are as many as there may be.
[[nodiscard]] result<settings_change> add_api_key(const desk_settings& now, api_key what);
/// Revokes it: from then on it is as if it had never been. `not_found`.
[[nodiscard]] result<settings_change> remove_api_key(const desk_settings& now, const api_key_id& id);

}  // namespace usher::domain
