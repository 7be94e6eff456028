#include "domain/freeze.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "domain/json_members.hpp"

namespace usher::domain {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::weekday;

constexpr minutes day_length = days{1};
constexpr minutes extra_day_until = day_length + std::chrono::hours{6};
constexpr std::size_t zones_named_max = 5;
constexpr std::array<std::string_view, 7> day_words{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::unexpected<error> no_window(std::string_view text) {
  return fail(errc::invalid,
              "'" + std::string(text) + "' is no frozen time: off, or for example sat 00:00 - sun 06:00");
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size();
}

/// `sat 00:00`.
bool read_edge(std::string_view text, weekday& day, minutes& at) {
  text = trim(text);
  if (text.size() != 9 || text[3] != ' ' || text[6] != ':') return false;
  const auto word = std::ranges::find(day_words, text.substr(0, 3));
  unsigned hour = 0;
  unsigned minute = 0;
  if (word == day_words.end() || !read_number(text.substr(4, 2), hour) || !read_number(text.substr(7), minute) ||
      hour > 23 || minute > 59)
    return false;
  day = weekday(static_cast<unsigned>(word - day_words.begin()));
  at = std::chrono::hours(hour) + minutes(minute);
  return true;
}

std::optional<local_days> read_day(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !read_number(text.substr(0, 4), year) ||
      !read_number(text.substr(5, 2), month) || !read_number(text.substr(8), day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return local_days(date);
}

std::string text_of(local_days day) {
  std::string out;
  append_rfc3339(out, instant(day.time_since_epoch()));
  out.resize(10);
  return out;
}

/// A local time that a DST change skips is the next hour's.
std::optional<instant> instant_of(local_days day, minutes into, const std::string& zone) {
  const local_time at{day + into};
  if (auto found = to_instant(at, zone)) return found;
  return to_instant(local_time{at.at + std::chrono::hours{1}}, zone);
}

struct window {
  instant from;
  instant until;
  std::vector<wedding_day_count> weddings;
};

/// The frozen time that a wedding of this day makes, as an offset from the day's midnight.
struct span {
  minutes from;
  minutes until;
};
std::vector<span> spans_of(const freeze_rules& rules, local_days day) {
  std::vector<span> out;
  const weekday today(day);
  const auto begins = rules.from - (today - rules.from_day);
  auto length = (rules.until_day - rules.from_day) + rules.until - rules.from;
  if (length <= minutes{0}) length += days{7};
  constexpr minutes noon = day_length / 2;
  if (begins <= noon && noon < begins + length) out.push_back({begins, begins + length});
  if (std::ranges::find(rules.extra_days, day) != rules.extra_days.end()) out.push_back({minutes{0}, extra_day_until});
  return out;
}

std::vector<window> windows_of(const freeze_rules& rules, const std::vector<wedding_day_count>& weddings) {
  std::vector<window> all;
  for (const auto& each : weddings)
    for (const auto& when : spans_of(rules, each.day)) {
      const auto from = instant_of(each.day, when.from, each.time_zone);
      const auto until = instant_of(each.day, when.until, each.time_zone);
      if (from && until) all.push_back({*from, *until, {each}});
    }
  std::ranges::sort(all, {}, &window::from);
  std::vector<window> merged;
  for (auto& each : all) {
    if (merged.empty() || merged.back().until < each.from) {
      merged.push_back(std::move(each));
      continue;
    }
    auto& last = merged.back();
    last.until = std::max(last.until, each.until);
    last.weddings.insert(last.weddings.end(), each.weddings.begin(), each.weddings.end());
  }
  return merged;
}

/// `3 weddings on 2026-06-13: America/New_York (2), Europe/Paris (1)`.
std::string describe(const std::vector<wedding_day_count>& weddings) {
  std::int64_t sum = 0;
  auto first = weddings.front().day;
  auto last = first;
  std::map<std::string, std::int64_t> zones;
  for (const auto& each : weddings) {
    sum += each.weddings;
    first = std::min(first, each.day);
    last = std::max(last, each.day);
    zones[each.time_zone] += each.weddings;
  }
  std::string out = std::to_string(sum) + (sum == 1 ? " wedding on " : " weddings on ") + text_of(first);
  if (last != first) out += " to " + text_of(last);
  std::size_t named = 0;
  for (const auto& [zone, count] : zones) {
    if (named == zones_named_max) return out + " and " + std::to_string(zones.size() - named) + " more time zones";
    out += (named++ == 0 ? ": " : ", ") + zone + " (" + std::to_string(count) + ")";
  }
  return out;
}

}  // namespace

result<freeze_rules> parse_freeze(std::string_view text) {
  freeze_rules out;
  if (trim(text) == "off") {
    out.enabled = false;
    return out;
  }
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || !read_edge(text.substr(0, dash), out.from_day, out.from) ||
      !read_edge(text.substr(dash + 1), out.until_day, out.until))
    return no_window(text);
  return out;
}

result<std::vector<local_days>> parse_days(std::string_view text) {
  std::vector<local_days> out;
  while (!trim(text).empty()) {
    const auto comma = text.find(',');
    const auto word = trim(text.substr(0, comma));
    const auto day = read_day(word);
    if (!day) return fail(errc::invalid, "'" + std::string(word) + "' is no date, for example 2026-12-24");
    out.push_back(*day);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return out;
}

std::vector<wedding_day_count> read_wedding_days(std::string_view text) {
  std::vector<wedding_day_count> out;
  for (const auto element : json_elements(text)) {
    wedding_day_count each{};
    bool dated = false;
    for (const auto& [name, value] : json_members(element)) {
      if (name == "time_zone") each.time_zone = json_string(value).value_or("");
      if (name == "weddings") read_number(std::string_view(value), each.weddings);
      if (name != "day") continue;
      const auto day = read_day(json_string(value).value_or(""));
      dated = day.has_value();
      if (day) each.day = *day;
    }
    if (dated) out.push_back(std::move(each));
  }
  return out;
}

freeze_state freeze_at(const freeze_rules& rules, const std::vector<wedding_day_count>& weddings, instant now) {
  freeze_state out;
  if (!rules.enabled) {
    out.reason = "The freeze of wedding days is turned off.";
    return out;
  }
  std::string coming;
  for (const auto& each : windows_of(rules, weddings)) {
    if (each.until <= now) continue;
    if (each.from <= now) {
      out.frozen = true;
      out.until = each.until;
      out.reason = "Nothing that tickets are timed or routed by is changed now: " + describe(each.weddings) + ".";
      continue;
    }
    out.next = each.from;
    coming = describe(each.weddings);
    break;
  }
  if (out.frozen) return out;
  out.reason =
      out.next ? "No freeze holds; the next one is for " + coming + "." : "No freeze holds, and none is known.";
  return out;
}

bool is_held_back(const settings_change& change) noexcept {
  using enum settings_table;
  if (change.table == webhooks) return change.action.find("secret") != std::string::npos;
  return change.table == policies || change.table == rules || change.table == calendars || change.table == patterns ||
         change.table == api_keys;
}

result<void> allow_in_freeze(const freeze_state& state, const caller& by, std::string_view broken_glass, instant now) {
  if (!state.frozen) return {};
  if (!broken_glass.empty() && by.at_least(role::manager)) {
    if (broken_glass.size() >= break_glass_min && broken_glass.size() <= break_glass_max) return {};
    return fail(errc::invalid, "X-Break-Glass has to give a reason of 10 to 500 characters.");
  }
  error why(errc::frozen, state.reason + " The freeze holds until " + format_rfc3339(*state.until) +
                              "; a manager may break the glass with X-Break-Glass and a reason.");
  why.retry_after = std::chrono::ceil<std::chrono::seconds>(*state.until - now);
  return std::unexpected(std::move(why));
}

}  // namespace usher::domain
