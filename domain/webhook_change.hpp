// Changes of the endpoints that webhooks go to, pure: the settings in, the next ones and a row out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/settings_change.hpp"

namespace usher::domain {

/// Of one organization, and of the desk itself.
inline constexpr std::size_t webhooks_max = 10;
/// Of one endpoint: the one that is new, and those that a rotation has not ended yet.
inline constexpr int webhook_secrets_max = 3;

/// Absent members stay as they are.
struct webhook_edit {
  std::optional<std::string> url{};
  std::optional<std::vector<std::string>> events{};
  std::optional<bool> enabled{};
  std::string disabled_reason{};  ///< with `enabled` false
};

/// Errors of all: `not_found`, `conflict`. `secret` is the bytes; URL and secret have been checked.
[[nodiscard]] result<settings_change> add_webhook(const desk_settings& now, const webhook_endpoint& what,
                                                  std::string_view secret);
[[nodiscard]] result<settings_change> change_webhook(const desk_settings& now, const webhook_id& id,
                                                     const webhook_edit& edit, instant at);
/// Signs with one more secret, the new one first. `conflict` when there are as many as there may be.
[[nodiscard]] result<settings_change> add_webhook_secret(const desk_settings& now, const webhook_id& id,
                                                         std::string_view secret);
/// Signs with the newest secret only.
[[nodiscard]] result<settings_change> drop_webhook_secrets(const desk_settings& now, const webhook_id& id);
[[nodiscard]] result<settings_change> remove_webhook(const desk_settings& now, const webhook_id& id);

}  // namespace usher::domain
