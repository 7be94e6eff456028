// The Saturday freeze, pure: on the days of weddings nobody changes what tickets are timed and routed by.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "domain/settings_change.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// When the desk is frozen, in the local time of each zone in which there is a wedding then.
struct freeze_rules {
  bool enabled = true;
  /// The week's window; a wedding belongs to it whose day has its noon in it.
  std::chrono::weekday from_day = std::chrono::Saturday;
  std::chrono::minutes from{0};
  std::chrono::weekday until_day = std::chrono::Sunday;
  std::chrono::minutes until{6 * 60};
  /// Days that are frozen like a Saturday: from midnight to six in the morning after.
  std::vector<std::chrono::local_days> extra_days{};

  bool operator==(const freeze_rules&) const = default;
};

/// Reads `off`, or a window like `sat 00:00 - sun 06:00`. Errors: `invalid`.
[[nodiscard]] result<freeze_rules> parse_freeze(std::string_view text);
/// Reads dates, separated by commas. Errors: `invalid`.
[[nodiscard]] result<std::vector<std::chrono::local_days>> parse_days(std::string_view text);

/// Weddings of a day in a zone.
struct wedding_day_count {
  std::chrono::local_days day;
  std::string time_zone;
  std::int64_t weddings = 0;
};
/// Reads what the store tells: a JSON array of `{day, time_zone, weddings}`.
[[nodiscard]] std::vector<wedding_day_count> read_wedding_days(std::string_view text);

/// How far around now weddings matter: back over the longest window, and ahead for `next`.
inline constexpr milliseconds freeze_looks_back = std::chrono::days{8};
inline constexpr milliseconds freeze_looks_ahead = std::chrono::days{60};

struct freeze_state {
  bool frozen = false;
  std::string reason;            ///< in words
  std::optional<instant> until;  ///< the end of the freeze that holds
  std::optional<instant> next;   ///< the beginning of the next one that is known
};
/// Frozen times of several zones that touch are one.
[[nodiscard]] freeze_state freeze_at(const freeze_rules& rules, const std::vector<wedding_day_count>& weddings,
                                     instant now);

/// Whether a change is one that a freeze holds back: of policies, calendars, the ladder's rules, patterns, and keys.
[[nodiscard]] bool is_held_back(const settings_change& change) noexcept;

/// A reason for breaking the glass, in bytes.
inline constexpr std::size_t break_glass_min = 10;
inline constexpr std::size_t break_glass_max = 500;

/// Nothing, when the change may be made: there is no freeze, or a manager (or above) breaks the glass with a reason.
/// Errors: `frozen`, with when to come again; `invalid` for a reason that is none.
[[nodiscard]] result<void> allow_in_freeze(const freeze_state& state, const caller& by, std::string_view broken_glass,
                                           instant now);

}  // namespace usher::domain
