// What a calendar may say, and its text.
#include <algorithm>

#include "domain/calendar.hpp"
#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr int day_minutes = 24 * 60;
constexpr int week_minutes = 7 * day_minutes;

/// `HH:MM` as minutes, up to and including `24:00`.
std::optional<int> parse_minutes(std::string_view text) noexcept {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 1000; };
  int hour = digit(0) * 10 + digit(1);
  int minute = digit(3) * 10 + digit(4);
  if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
  return hour * 60 + minute;
}

void put_two(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

/// The end of a day is written as `24:00`, what lies behind it as a time of the next day.
std::string format_minutes(int minutes) {
  auto shown = static_cast<unsigned>(minutes > day_minutes ? minutes - day_minutes : minutes);
  std::string out;
  put_two(out, shown / 60);
  out += ':';
  put_two(out, shown % 60);
  return out;
}

std::string window_pointer(std::size_t day, std::size_t index) {
  return "/weekly/" + std::string(weekday_words[day]) + "/" + std::to_string(index);
}

bool is_printable_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void check_head(const calendar_rules& rules, std::vector<field_error>& errors) {
  if (rules.name.empty() || count_characters(rules.name) > calendar_name_characters_max ||
      !is_printable_text(rules.name)) {
    errors.push_back({"/name", "must have 1 to 200 characters, and no control characters"});
  }
  if (rules.time_zone.size() > time_zone_bytes_max || !is_time_zone(rules.time_zone)) {
    errors.push_back({"/time_zone", "is not an IANA time zone that is known here"});
  }
  if (rules.holidays.size() > calendar_holidays_max) {
    errors.push_back({"/holidays", "has more than 1000 dates"});
    return;
  }
  for (std::size_t i = 0; i < rules.holidays.size(); ++i) {
    instant day{rules.holidays[i].time_since_epoch()};
    if (day < earliest_instant || day >= latest_instant) {
      errors.push_back({"/holidays/" + std::to_string(i), "is outside the years 2000 to 2100"});
    }
  }
}

/// A window in minutes from Monday's midnight, and where it stands.
struct placed {
  int begin;
  int end;
  std::size_t day;
  std::size_t index;
};

void check_overlaps(std::vector<placed> all, std::vector<field_error>& errors) {
  std::ranges::stable_sort(all, {}, &placed::begin);
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool wraps = i + 1 == all.size();
    const placed& next = all[wraps ? 0 : i + 1];
    if (next.begin + (wraps ? week_minutes : 0) >= all[i].end) continue;
    errors.push_back({window_pointer(next.day, next.index),
                      "overlaps the window that begins on " + std::string(weekday_words[all[i].day]) + " at " +
                          format_minutes(all[i].begin - static_cast<int>(all[i].day) * day_minutes)});
  }
}

void check_windows(const calendar_rules& rules, std::vector<field_error>& errors) {
  std::vector<placed> all;
  const auto before = errors.size();
  for (std::size_t day = 0; day < 7; ++day) {
    const auto& windows = rules.weekly[day];
    if (windows.size() > calendar_windows_per_day_max) {
      errors.push_back({"/weekly/" + std::string(weekday_words[day]), "has more than 24 windows"});
      continue;
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const auto& w = windows[i];
      if (w.begin < 0 || w.begin >= day_minutes || w.end <= w.begin || w.end > w.begin + day_minutes) {
        errors.push_back({window_pointer(day, i), "is not a stretch of up to 24 hours that begins on its day"});
        continue;
      }
      const int midnight = static_cast<int>(day) * day_minutes;
      all.push_back({midnight + w.begin, midnight + w.end, day, i});
    }
  }
  if (errors.size() > before) return;
  if (all.empty()) errors.push_back({"/weekly", "has no window: nothing would ever count"});
  check_overlaps(std::move(all), errors);
}

std::unexpected<error> not_ours() { return fail(errc::invalid, "The text is not a calendar that Usher has written."); }

bool read_weekly(std::string_view object, calendar_rules& rules) {
  for (const auto& [word, days_windows] : json_members(object)) {
    const auto* found = std::ranges::find(weekday_words, word);
    if (found == weekday_words.end()) return false;
    auto& windows = rules.weekly[static_cast<std::size_t>(found - weekday_words.begin())];
    for (const auto& pair : json_elements(days_windows)) {
      auto ends = json_elements(pair);
      if (ends.size() != 2) return false;
      auto begin = json_string(ends[0]);
      auto end = json_string(ends[1]);
      if (!begin || !end) return false;
      auto window = parse_calendar_window(*begin, *end, "");
      if (!window) return false;
      windows.push_back(*window);
    }
  }
  return true;
}

bool read_holidays(std::string_view array, calendar_rules& rules) {
  for (const auto& element : json_elements(array)) {
    auto text = json_string(element);
    auto day = text ? parse_date(*text) : std::nullopt;
    if (!day) return false;
    rules.holidays.push_back(*day);
  }
  return true;
}

bool read_text(std::string_view value, std::string& out) {
  auto text = json_string(value);
  if (text) out = std::move(*text);
  return text.has_value();
}

bool read_member(const json_member& member, calendar_rules& rules) {
  const auto& [key, value] = member;
  if (key == "name") return read_text(value, rules.name);
  if (key == "time_zone") return read_text(value, rules.time_zone);
  if (key == "weekly") return read_weekly(value, rules);
  if (key == "holidays") return read_holidays(value, rules);
  if (key == "version") {
    const char* end = value.data() + value.size();
    return std::from_chars(value.data(), end, rules.version) == std::from_chars_result{end, std::errc{}};
  }
  if (key != "id") return false;
  std::string text;
  auto id = read_text(value, text) ? calendar_id::parse(text) : std::nullopt;
  if (id) rules.id = *id;
  return id.has_value();
}

}  // namespace

result<calendar_window> parse_calendar_window(std::string_view begin, std::string_view end,
                                              const std::string& pointer) {
  auto from = parse_minutes(begin);
  if (!from || *from == day_minutes) return fail_field(pointer + "/0", "is not a time from 00:00 to 23:59");
  auto to = parse_minutes(end);
  if (!to) return fail_field(pointer + "/1", "is not a time from 00:00 to 24:00");
  if (*to <= *from) *to += day_minutes;
  return calendar_window{static_cast<std::int16_t>(*from), static_cast<std::int16_t>(*to)};
}

result<void> validate(const calendar_rules& rules) {
  std::vector<field_error> errors;
  check_head(rules, errors);
  check_windows(rules, errors);
  if (errors.empty()) return {};
  return std::unexpected(error(errc::invalid, "The calendar is not valid.", std::move(errors)));
}

std::string to_json(const calendar_rules& rules) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", rules.id);
  w.member("name", rules.name);
  w.member("time_zone", rules.time_zone);
  w.key("weekly");
  w.begin_object();
  for (std::size_t day = 0; day < 7; ++day) {
    if (rules.weekly[day].empty()) continue;
    w.key(weekday_words[day]);
    w.begin_array();
    for (const auto& window : rules.weekly[day]) {
      w.begin_array();
      w.value(format_minutes(window.begin));
      w.value(format_minutes(window.end));
      w.end_array();
    }
    w.end_array();
  }
  w.end_object();
  w.key("holidays");
  w.begin_array();
  for (auto day : rules.holidays) w.value(format_date(day));
  w.end_array();
  w.member("version", rules.version);
  w.end_object();
  return out;
}

result<calendar> calendar_from_json(std::string_view text) {
  auto members = json_members(text);
  if (members.empty()) return not_ours();
  calendar_rules rules;
  for (const auto& member : members) {
    if (!read_member(member, rules)) return not_ours();
  }
  return calendar::make(std::move(rules));
}

std::optional<std::chrono::local_days> parse_date(std::string_view text) noexcept {
  if (text.size() != 10) return std::nullopt;
  std::array<char, 16> midnight{};
  std::ranges::copy(text, midnight.begin());
  std::ranges::copy(std::string_view("T00:00"), midnight.begin() + 10);
  auto read = parse_local_time({midnight.data(), midnight.size()});
  if (!read) return std::nullopt;
  auto day = std::chrono::floor<std::chrono::days>(read->at);
  instant at{day.time_since_epoch()};
  if (at < earliest_instant || at >= latest_instant) return std::nullopt;
  return day;
}

std::string format_date(std::chrono::local_days day) {
  return format_rfc3339(instant{day.time_since_epoch()}).substr(0, 10);
}

}  // namespace usher::domain
