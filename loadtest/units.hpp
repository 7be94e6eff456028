// Durations and figures as people write and read them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace usher::load {

using std::chrono::nanoseconds;

/// Seconds as a number, for arithmetic with rates.
[[nodiscard]] inline double in_seconds(nanoseconds d) { return std::chrono::duration<double>(d).count(); }
[[nodiscard]] inline double in_milliseconds(nanoseconds d) { return in_seconds(d) * 1e3; }
[[nodiscard]] nanoseconds from_seconds(double seconds);

/// Reads `250us`, `1.5s`, `90s`, `2m`, `1h`; not negative, at most seven days. Anything else is nothing.
[[nodiscard]] std::optional<nanoseconds> parse_duration(std::string_view text);

/// Three significant figures with a unit: `850 µs`, `12.3 ms`, `1.02 s`, `12 m 30 s`.
[[nodiscard]] std::string show_duration(nanoseconds d);
/// `950`, `12,300`, `1.25 M`.
[[nodiscard]] std::string show_count(double count);
/// A share in percent with as many digits as say something: `0 %`, `0.012 %`, `12.3 %`.
[[nodiscard]] std::string show_share(double share);
/// `digits` places after the point.
[[nodiscard]] std::string show_number(double value, int digits);

}  // namespace usher::load
