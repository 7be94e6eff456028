// Business calendars: which stretches of the UTC time line count for an SLA clock (contract, section 4.6; sla-rules,
// rule 10).
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace date {
class time_zone;
}

namespace usher::domain {

using calendar_id = id<struct calendar_tag>;

inline constexpr std::size_t calendar_name_characters_max = 200;
inline constexpr std::size_t time_zone_bytes_max = 64;
inline constexpr std::size_t calendar_windows_per_day_max = 24;
inline constexpr std::size_t calendar_holidays_max = 1000;
/// How far `after` and `next_open` look ahead: a calendar that stays shut for longer gives no answer.
inline constexpr std::chrono::days calendar_horizon{5 * 366};

/// The keys of `weekly`, Monday first.
inline constexpr std::array<std::string_view, 7> weekday_words{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// `[begin, end)` in minutes from the local midnight of the day on which it begins: `begin` is 0 to 1439, `end` is at
/// most 24 hours after it, and over 1440 when it lies on the next day.
struct calendar_window {
  std::int16_t begin = 0;
  std::int16_t end = 0;

  auto operator<=>(const calendar_window&) const = default;
};

/// Reads `["22:00", "02:00"]`. An end that is not after its start is on the next day; `24:00` is an end only. `pointer`
/// is where the window stands in the body, e.g. `/weekly/fri/0`; the error points at its first or second element.
[[nodiscard]] result<calendar_window> parse_calendar_window(std::string_view begin, std::string_view end,
                                                            const std::string& pointer);

/// A calendar as people write it down.
struct calendar_rules {
  calendar_id id;  ///< nil for round the clock
  std::string name;
  std::string time_zone;  ///< IANA
  std::array<std::vector<calendar_window>, 7> weekly;
  /// Local dates: the windows that begin on them are left out.
  std::vector<std::chrono::local_days> holidays;
  std::int64_t version = 1;

  bool operator==(const calendar_rules&) const = default;
};

/// Name, zone, limits, at least one window, and no overlap, also past midnight and from Sunday into Monday. All errors
/// at once, each with its pointer.
[[nodiscard]] result<void> validate(const calendar_rules& rules);

enum class stretch_kind : std::uint8_t {
  open,     ///< counts
  closed,   ///< outside the windows
  holiday,  ///< inside a window that a holiday leaves out
};

/// `[from, to)`.
struct calendar_stretch {
  instant from{};
  instant to{};
  stretch_kind kind = stretch_kind::open;

  bool operator==(const calendar_stretch&) const = default;
};

/// Rules that are valid, ready to count with. The edge of a window is the first instant at which the wall clock of the
/// zone shows its time or a later one. So an edge in a DST gap is the instant of the change, of a time that occurs
/// twice it is the earlier, and a window across the change is as much shorter or longer as the day is. Windows never
/// overlap by that, and those that touch still do.
///
/// Copyable, immutable, safe to use from many threads. Instants outside the years 2000 to 2100 are taken as the nearest
/// one inside, except by a calendar that is always open. Debian's zone files know DST changes until 2037.
class calendar {
 public:
  /// Sorts windows and holidays, and drops holidays named twice. Errors: those of `validate`.
  [[nodiscard]] static result<calendar> make(calendar_rules rules);
  /// The default: every instant counts.
  [[nodiscard]] static const calendar& round_the_clock();

  [[nodiscard]] const calendar_rules& rules() const noexcept { return rules_; }
  [[nodiscard]] bool is_always_open() const noexcept { return always_; }

  [[nodiscard]] bool is_open(instant at) const;
  /// `at` when it is open then, or the next opening; nothing when there is none within the horizon.
  [[nodiscard]] std::optional<instant> next_open(instant at) const;
  /// The open time in `[from, to)`; nothing when `to` is not after `from`.
  [[nodiscard]] milliseconds counted(instant from, instant to) const;
  /// The earliest instant by which `span` has been counted since `from`: `from` itself for a span of nothing (or less),
  /// the end of a window when it is used up with it. Nothing when the horizon comes first.
  [[nodiscard]] std::optional<instant> after(instant from, milliseconds span) const;
  /// `[from, to)` cut up without gaps, neighbours of a kind joined: the first `max` stretches. When the last one ends
  /// before `to`, there are more.
  [[nodiscard]] std::vector<calendar_stretch> stretches(instant from, instant to, std::size_t max) const;

  bool operator==(const calendar& other) const { return rules_ == other.rules_; }

 private:
  calendar(calendar_rules rules, const date::time_zone* zone, bool always);

  calendar_rules rules_;
  const date::time_zone* zone_;  ///< lives as long as the process; null when always open
  bool always_;
};

/// A compact JSON text, always the same for equal rules: what a clock keeps when it starts (sla-rules, rule 14), and
/// with `id` and `version` the shape of the API.
[[nodiscard]] std::string to_json(const calendar_rules& rules);
/// Reads what `to_json` wrote. Errors: a text that it can't have written, or a zone that this machine does not know.
[[nodiscard]] result<calendar> calendar_from_json(std::string_view text);

/// `2026-12-25`; years 2000 to 2100.
[[nodiscard]] std::optional<std::chrono::local_days> parse_date(std::string_view text) noexcept;
[[nodiscard]] std::string format_date(std::chrono::local_days day);

}  // namespace usher::domain
