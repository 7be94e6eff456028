// Instants and durations: UTC, integer milliseconds, RFC 3339 at the edges.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::domain {

using milliseconds = std::chrono::milliseconds;

/// A point on the UTC time line, to the millisecond (sla-rules, rule 10).
using instant = std::chrono::sys_time<milliseconds>;

/// The instants that Usher takes from outside: years 2000 to 2100.
inline constexpr instant earliest_instant = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};
inline constexpr instant latest_instant = std::chrono::sys_days{std::chrono::year{2101} / 1 / 1};

/// An instant, or none, in eight bytes: what a million live tickets hold by the dozen. Converts from and to
/// std::optional.
class maybe_instant {
 public:
  constexpr maybe_instant() = default;
  constexpr maybe_instant(instant at) : at_(at) {}
  constexpr maybe_instant(const std::optional<instant>& at) : at_(at.value_or(none)) {}
  constexpr operator std::optional<instant>() const { return has_value() ? std::optional(at_) : std::nullopt; }

  [[nodiscard]] constexpr bool has_value() const noexcept { return at_ != none; }
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] constexpr const instant& operator*() const noexcept { return at_; }
  constexpr void reset() noexcept { at_ = none; }
  bool operator==(const maybe_instant&) const = default;

 private:
  static constexpr instant none = instant::max();
  instant at_ = none;
};

/// `2026-06-13T19:00:00.000Z`.
[[nodiscard]] std::string format_rfc3339(instant at);
void append_rfc3339(std::string& out, instant at);

/// Reads an RFC 3339 date-time with any offset, rounded down to the millisecond. A leap second (`:60`) is taken as the
/// first instant of the next minute. Outside the years 2000 to 2100, or malformed: nothing.
[[nodiscard]] std::optional<instant> parse_rfc3339(std::string_view text) noexcept;

/// A local date and time without an offset (`2026-06-13T15:00` with optional seconds and fraction).
struct local_time {
  std::chrono::local_time<milliseconds> at{};
};

[[nodiscard]] std::optional<local_time> parse_local_time(std::string_view text) noexcept;

/// Whether the IANA database of this machine knows the zone.
[[nodiscard]] bool is_time_zone(std::string_view zone);

/// The instant of a local time in an IANA zone. A time that occurs twice is the earlier; one that a DST change skips,
/// or an unknown zone, is nothing (contract, section 4.7).
[[nodiscard]] std::optional<instant> to_instant(local_time local, std::string_view zone);

/// Where Usher gets the time from, so that tests can bring their own.
class clock_port {
 public:
  virtual ~clock_port() = default;
  /// The wall clock. Deadlines of SLA clocks are wall-clock instants.
  [[nodiscard]] virtual instant now() const = 0;
  /// A clock that never jumps, for time limits of requests.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// The machine's clocks.
class system_clock_port final : public clock_port {
 public:
  [[nodiscard]] instant now() const override {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace usher::domain
