// Calendars for tests, and the slow way to count: minute by minute.
#pragma once

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <date/tz.h>
#include <catch2/catch_test_macros.hpp>

#include "domain/calendar.hpp"

namespace usher::test {

using namespace usher::domain;
using namespace std::chrono_literals;

using hours_of_day = std::vector<std::pair<std::string, std::string>>;

inline instant at(std::string_view text) {
  auto read = parse_rfc3339(text);
  REQUIRE(read);
  return *read;
}

/// The instant of an unambiguous local time.
inline instant there(std::string_view zone, std::string_view local) {
  auto read = parse_local_time(local);
  REQUIRE(read);
  auto found = to_instant(*read, zone);
  REQUIRE(found);
  return *found;
}

inline calendar_rules rules_of(std::string zone, const std::map<std::string, hours_of_day>& weekly,
                               const std::vector<std::string>& holidays = {}) {
  calendar_rules rules{calendar_id::generate(), "Office", std::move(zone), {}, {}, 1};
  for (std::size_t day = 0; day < 7; ++day) {
    auto found = weekly.find(std::string(weekday_words[day]));
    if (found == weekly.end()) continue;
    for (const auto& [begin, end] : found->second) {
      auto window = parse_calendar_window(begin, end, "");
      REQUIRE(window);
      rules.weekly[day].push_back(*window);
    }
  }
  for (const auto& text : holidays) rules.holidays.push_back(parse_date(text).value());
  return rules;
}

inline calendar made(calendar_rules rules) {
  auto built = calendar::make(std::move(rules));
  REQUIRE(built);
  return *std::move(built);
}

inline calendar daily(std::string zone, const hours_of_day& hours, const std::vector<std::string>& holidays = {}) {
  std::map<std::string, hours_of_day> weekly;
  for (auto word : weekday_words) weekly[std::string(word)] = hours;
  return made(rules_of(std::move(zone), weekly, holidays));
}

/// Knows of each minute of a few weeks whether it counts, by looking at a wall clock that is stopped, not set back,
/// when time there runs a second time.
class minute_counter {
 public:
  minute_counter(const calendar_rules& rules, instant from, instant to) : first_(floor(from)) {
    using std::chrono::minutes;
    const auto* zone = date::locate_zone(rules.time_zone);
    minutes highest{0};
    for (instant m = first_ - std::chrono::days{3}; m < to + 1min; m += 1min) {
      auto offset = std::chrono::floor<minutes>(zone->get_info(m).offset);
      highest = std::max(highest, std::chrono::floor<minutes>(m.time_since_epoch()) + offset);
      if (m < first_) continue;
      open_.push_back(counts(rules, highest));
      sums_.push_back((sums_.empty() ? 0 : sums_.back()) + (open_.back() ? 1 : 0));
    }
  }

  [[nodiscard]] milliseconds counted(instant from, instant to) const { return upto(to) - upto(from); }
  [[nodiscard]] bool is_open(instant t) const { return open_.at(index(t)); }

 private:
  static instant floor(instant t) { return instant{std::chrono::floor<std::chrono::minutes>(t.time_since_epoch())}; }

  static bool counts(const calendar_rules& rules, std::chrono::minutes local) {
    auto today = std::chrono::floor<std::chrono::days>(std::chrono::local_time<std::chrono::minutes>{local});
    for (auto day : {today - std::chrono::days{1}, today}) {
      if (std::ranges::count(rules.holidays, day) > 0) continue;
      auto minute = (local - day.time_since_epoch()).count();
      for (const auto& w : rules.weekly[std::chrono::weekday{day}.iso_encoding() - 1]) {
        if (minute >= w.begin && minute < w.end) return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::size_t index(instant t) const { return static_cast<std::size_t>((t - first_) / 1min); }

  [[nodiscard]] milliseconds upto(instant t) const {
    auto i = index(t);
    milliseconds whole = std::chrono::minutes{i == 0 ? 0 : sums_.at(i - 1)};
    return open_.at(i) ? whole + (t - floor(t)) : whole;
  }

  instant first_;
  std::vector<bool> open_;
  std::vector<std::int64_t> sums_;
};

/// Windows that do not overlap, cut out of the week at random: some touch, some run past midnight, many have their
/// edges at hours at which clocks change.
inline calendar_rules random_rules(std::mt19937& random, std::string zone) {
  auto pick = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  calendar_rules rules{calendar_id::generate(), "Random", std::move(zone), {}, {}, 1};
  const int days_open = pick(0, 3) == 0 ? 2 : 7;
  int free_from = 0;
  for (int day = 0; day < days_open; ++day) {
    int minute = std::max(0, free_from - day * 1440);
    for (int count = pick(0, 4); count > 0 && minute < 1440; --count) {
      int begin = pick(0, 2) == 0 ? minute : minute + pick(0, 2) * 30 + pick(0, 240);
      if (begin >= 1440) break;
      int longest = std::min(1440, 7 * 1440 - day * 1440 - begin);
      int end = begin + std::min(longest, pick(0, 1) == 0 ? pick(1, 12) * 30 : pick(1, 1440));
      rules.weekly[static_cast<std::size_t>(day)].push_back(
          {static_cast<std::int16_t>(begin), static_cast<std::int16_t>(end)});
      minute = end;
      free_from = day * 1440 + end;
    }
  }
  if (free_from == 0) rules.weekly[5].push_back({30, 270});
  return rules;
}

}  // namespace usher::test
