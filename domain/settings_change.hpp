// Changes of what people have set for the desk, pure: the settings in, the next ones and a row out.
#pragma once

#include <string>

#include "domain/desk_settings.hpp"
#include "domain/error.hpp"

namespace usher::domain {

/// The tables that hold settings.
enum class settings_table : std::uint8_t {
  policies,
  rules,
  calendars,
  agents,
  categories,
  kb_articles,
  macros,
  webhooks,
  patterns,
  api_keys
};
inline constexpr int settings_table_count = static_cast<int>(settings_table::api_keys) + 1;

/// One change: the settings after it, compiled, and the row that makes it last.
struct settings_change {
  desk_settings next;
  settings_table table = settings_table::policies;
  std::string key;     ///< the row's, as text
  std::string row;     ///< the text of a JSON object, a member a column; empty: the row goes
  std::string action;  ///< of the audit trail, e.g. `policy.changed`
  /// Whose row it is; nothing: the desk's.
  std::optional<organization_id> organization{};
};

/// Absent members stay as they are; the inner optional, where there is one, tells "none" from "leave it".
struct policy_edit {
  std::optional<std::optional<milliseconds>> first_response;
  std::optional<std::optional<milliseconds>> next_response;
  std::optional<std::optional<milliseconds>> resolution;
  std::optional<std::optional<calendar_id>> calendar;
};

struct rule_edit {
  std::optional<std::optional<int>> percent;
  std::optional<std::vector<std::string>> recipients;
  std::optional<milliseconds> acknowledge_within;
  std::optional<bool> reassign;
  std::optional<std::vector<std::string>> channels;
};

/// Errors of all: `invalid` with pointers, `not_found`, `conflict`.
[[nodiscard]] result<settings_change> change_policy(const desk_settings& now, tier t, priority p,
                                                    const policy_edit& edit);
/// A percentage has to lie between those of the levels below and above.
[[nodiscard]] result<settings_change> change_rule(const desk_settings& now, int level, const rule_edit& edit);
/// Creates or replaces. Names are unique.
[[nodiscard]] result<settings_change> put_calendar(const desk_settings& now, calendar_rules rules);
/// `conflict` while a policy or an agent goes by it.
[[nodiscard]] result<settings_change> remove_calendar(const desk_settings& now, const calendar_id& id);
[[nodiscard]] result<settings_change> put_agent(const desk_settings& now, agent what);
[[nodiscard]] result<settings_change> put_category(const desk_settings& now, desk_category what);
/// The most patterns that a desk keeps.
inline constexpr std::size_t patterns_kept_max = 2'000;
/// `conflict` when a new one's id is taken. Whether its expression can be compiled is the classifier's to say.
[[nodiscard]] result<settings_change> put_pattern(const desk_settings& now, desk_pattern what, bool is_new);
[[nodiscard]] result<settings_change> remove_pattern(const desk_settings& now, std::string_view id);

}  // namespace usher::domain
