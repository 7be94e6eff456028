#include "loadtest/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace usher::load {

namespace {

constexpr double longest_seconds = 7.0 * 24 * 3600;

int digits_for(double value) {
  if (value >= 100) return 0;
  return value >= 10 ? 1 : 2;
}

}  // namespace

nanoseconds from_seconds(double seconds) { return nanoseconds{std::llround(seconds * 1e9)}; }

std::optional<nanoseconds> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 5> units{
      {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1.0}, {"m", 60.0}, {"h", 3600.0}}};
  double number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc()) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [word, seconds] : units) {
    if (unit != word) continue;
    double total = number * seconds;
    if (!(total >= 0) || total > longest_seconds) return std::nullopt;
    return from_seconds(total);
  }
  return std::nullopt;
}

std::string show_number(double value, int digits) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return buffer.data();
}

std::string show_duration(nanoseconds d) {
  double seconds = in_seconds(d);
  if (seconds < 1e-3) return show_number(seconds * 1e6, 0) + " µs";
  if (seconds < 1) return show_number(seconds * 1e3, digits_for(seconds * 1e3)) + " ms";
  if (seconds < 120) return show_number(seconds, digits_for(seconds)) + " s";
  auto whole = std::llround(seconds);
  if (whole < 3600) return std::to_string(whole / 60) + " m " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " m";
}

std::string show_count(double count) {
  if (count >= 1e6) return show_number(count / 1e6, 2) + " M";
  auto digits = std::to_string(std::llround(count));
  for (auto at = static_cast<long>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string show_share(double share) {
  double percent = share * 100;
  if (percent <= 0) return "0 %";
  return show_number(percent, percent < 0.1 ? 3 : percent < 10 ? 2 : 1) + " %";
}

}  // namespace usher::load
