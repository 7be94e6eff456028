// Business calendars (contract, section 4.6; sla-rules, rule 10).
#include "tests/unit/calendar_fixture.hpp"

using namespace usher::test;

namespace {

const hours_of_day office{{"09:00", "17:00"}};

std::vector<std::string> pointers(const calendar_rules& rules) {
  std::vector<std::string> all;
  if (auto valid = validate(rules); !valid) {
    CHECK(valid.error().code == errc::invalid);
    for (const auto& field : valid.error().fields) all.push_back(field.pointer);
  }
  return all;
}

calendar working_week(std::string zone = "Europe/London", const std::vector<std::string>& holidays = {}) {
  return made(rules_of(std::move(zone),
                       {{"mon", {{"09:00", "12:30"}, {"13:30", "18:00"}}},
                        {"tue", office},
                        {"wed", office},
                        {"thu", office},
                        {"fri", {{"09:00", "12:00"}, {"22:00", "02:00"}}}},
                       holidays));
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("calendar: round the clock counts everything", "[calendar]") {
  const auto& c = calendar::round_the_clock();
  const auto from = at("2026-03-29T00:30:00Z");
  CHECK(c.is_always_open());
  CHECK(c.rules().id.is_nil());
  CHECK(validate(c.rules()));
  CHECK(c.counted(from, from + 3h) == 3h);
  CHECK(c.counted(from, from - 3h) == 0ms);
  CHECK(c.after(from, 1ms) == from + 1ms);
  CHECK(c.after(from, 0ms) == from);
  CHECK(c.after(from, std::chrono::days{3000}) == from + std::chrono::days{3000});
  CHECK(c.next_open(from) == from);
  CHECK(c.stretches(from, from + 1h, 10) == std::vector<calendar_stretch>{{from, from + 1h, stretch_kind::open}});
  CHECK(daily("America/New_York", {{"00:00", "24:00"}}).is_always_open());
  CHECK(daily("America/New_York", {{"07:00", "07:00"}}).is_always_open());
  CHECK_FALSE(daily("America/New_York", {{"00:00", "24:00"}}, {"2026-12-25"}).is_always_open());
}

TEST_CASE("calendar: several windows a day, and past midnight", "[calendar]") {
  const auto c = working_week();
  const auto monday = at("2026-01-05T00:00:00Z");
  CHECK(c.counted(monday, monday + 24h) == 8h);
  CHECK(c.counted(monday + 12h, monday + 14h) == 1h);
  CHECK_FALSE(c.is_open(monday + 9h - 1ms));
  CHECK(c.is_open(monday + 9h));
  CHECK(c.is_open(monday + 12h + 30min - 1ms));
  CHECK_FALSE(c.is_open(monday + 12h + 30min));
  CHECK(c.next_open(monday + 12h + 30min) == monday + 13h + 30min);
  const auto saturday = monday + std::chrono::days{5};
  CHECK(c.is_open(saturday + 2h - 1ms));
  CHECK_FALSE(c.is_open(saturday + 2h));
  CHECK(c.counted(saturday, saturday + 24h) == 2h);
  CHECK(c.next_open(saturday + 2h) == monday + std::chrono::days{7} + 9h);
  CHECK(c.counted(monday, monday + std::chrono::days{7}) == 8h + 3 * 8h + 3h + 4h);
}

TEST_CASE("calendar: after is exact to the millisecond", "[calendar]") {
  const auto c = working_week();
  const auto monday = at("2026-01-05T00:00:00Z");
  CHECK(c.after(monday, 0ms) == monday);
  CHECK(c.after(monday, -1h) == monday);
  CHECK(c.after(monday, 1ms) == monday + 9h + 1ms);
  CHECK(c.after(monday, 3h + 30min) == monday + 12h + 30min);
  CHECK(c.after(monday, 3h + 30min + 1ms) == monday + 13h + 30min + 1ms);
  CHECK(c.after(monday + 12h + 29min + 59s + 999ms, 2ms) == monday + 13h + 30min + 1ms);
  CHECK(c.after(monday + std::chrono::days{5}, 4h) == monday + std::chrono::days{7} + 11h);
}

TEST_CASE("calendar: a holiday leaves out the windows that begin on it, and those only", "[calendar]") {
  // The 25th is a Friday: its night shift would run into the 26th.
  const auto c = working_week("Europe/London", {"2026-12-25"});
  const auto friday = at("2026-12-25T00:00:00Z");
  CHECK(c.counted(friday, friday + 48h) == 0ms);
  CHECK(c.next_open(friday) == friday + std::chrono::days{3} + 9h);
  CHECK(c.stretches(friday, friday + 48h, 9) ==
        std::vector<calendar_stretch>{{friday, friday + 9h, stretch_kind::closed},
                                      {friday + 9h, friday + 12h, stretch_kind::holiday},
                                      {friday + 12h, friday + 22h, stretch_kind::closed},
                                      {friday + 22h, friday + 26h, stretch_kind::holiday},
                                      {friday + 26h, friday + 48h, stretch_kind::closed}});
  // A holiday on Saturday does not end Friday's shift at midnight.
  const auto before = working_week("Europe/London", {"2026-12-26"});
  CHECK(before.counted(friday, friday + 48h) == 7h);
}

TEST_CASE("calendar: holidays are dates of the zone, not of UTC", "[calendar]") {
  const auto c = daily("Pacific/Apia", office, {"2026-12-25"});
  CHECK(c.next_open(at("2026-12-24T12:00:00Z")) == there("Pacific/Apia", "2026-12-26T09:00"));
  CHECK(c.is_open(there("Pacific/Apia", "2026-12-24T09:00")));
}

TEST_CASE("calendar: a window of 24 hours is found from its last minute, wherever UTC is by then", "[calendar]") {
  for (const char* zone : {"America/New_York", "Etc/GMT+12", "Pacific/Kiritimati"}) {
    CAPTURE(zone);
    const auto c = made(rules_of(zone, {{"fri", {{"23:59", "23:59"}}}}));
    const auto end = there(zone, "2026-06-13T23:59");
    CHECK(c.is_open(end - 1ms));
    CHECK_FALSE(c.is_open(end));
    CHECK(c.counted(end - 1min, end + 1min) == 1min);
    CHECK(c.next_open(end - 24h - 1ms) == end - 24h);
    CHECK_FALSE(c.is_open(end - 24h - 1ms));
  }
}

TEST_CASE("calendar: windows that touch are one stretch", "[calendar]") {
  const auto c = daily("UTC", {{"20:00", "24:00"}, {"00:00", "03:00"}});
  const auto noon = at("2026-06-13T12:00:00Z");
  CHECK(c.stretches(noon, noon + 24h, 9) ==
        std::vector<calendar_stretch>{{noon, noon + 8h, stretch_kind::closed},
                                      {noon + 8h, noon + 15h, stretch_kind::open},
                                      {noon + 15h, noon + 24h, stretch_kind::closed}});
  CHECK(c.stretches(noon, noon, 9).empty());
  CHECK(c.stretches(noon, noon + 24h, 0).empty());
  CHECK(c.stretches(noon, noon + 24h, 1) == std::vector<calendar_stretch>{{noon, noon + 8h, stretch_kind::closed}});
}

TEST_CASE("calendar: the night the clocks go forward is shorter", "[calendar][dst]") {
  // London, 2026-03-29: 01:00 becomes 02:00, at 01:00 UTC.
  const auto change = at("2026-03-29T01:00:00Z");
  const auto night = daily("Europe/London", {{"22:00", "06:00"}});
  CHECK(night.counted(change - 12h, change + 12h) == 7h);
  CHECK(night.after(change - 3h, 7h) == change + 4h);
  // Edges at times that do not exist are the instant of the change.
  CHECK(daily("Europe/London", {{"01:30", "03:00"}}).next_open(change - 1h) == change);
  CHECK(daily("Europe/London", {{"01:30", "03:00"}}).counted(change - 12h, change + 12h) == 1h);
  CHECK(daily("Europe/London", {{"00:30", "01:30"}}).counted(change - 12h, change + 12h) == 30min);
  CHECK(daily("Europe/London", {{"01:10", "01:50"}}).counted(change - 12h, change + 12h) == 0ms);
  // The working day is as long as ever.
  CHECK(daily("Europe/London", office).counted(change - 1h, change + 23h) == 8h);
}

TEST_CASE("calendar: the night the clocks go back is longer", "[calendar][dst]") {
  // New York, 2026-11-01: 02:00 becomes 01:00, at 06:00 UTC; 01:00 to 02:00 occurs twice.
  const auto change = at("2026-11-01T06:00:00Z");
  CHECK(daily("America/New_York", {{"22:00", "06:00"}}).counted(change - 12h, change + 12h) == 9h);
  // A time that occurs twice is the earlier, for a start as for an end.
  const auto late = daily("America/New_York", {{"01:30", "03:00"}});
  CHECK(late.next_open(change - 3h) == change - 30min);
  CHECK(late.counted(change - 12h, change + 12h) == 2h + 30min);
  const auto early = daily("America/New_York", {{"00:00", "01:30"}});
  CHECK(early.counted(change - 12h, change + 12h) == 1h + 30min);
  CHECK_FALSE(early.is_open(change + 15min));
  CHECK(daily("America/New_York", {{"01:10", "01:50"}}).counted(change - 12h, change + 12h) == 40min);
  // Windows that touch at such a time still do.
  const auto both = daily("America/New_York", {{"00:00", "01:30"}, {"01:30", "03:00"}});
  CHECK(both.counted(change - 12h, change + 12h) == 4h);
}

TEST_CASE("calendar: half an hour of daylight saving, and a change at midnight", "[calendar][dst]") {
  const auto lord_howe = daily("Australia/Lord_Howe", {{"22:00", "06:00"}});
  const auto forward = at("2026-10-03T15:30:00Z");
  const auto back = at("2026-04-04T15:00:00Z");
  CHECK(lord_howe.counted(forward - 12h, forward + 12h) == 7h + 30min);
  CHECK(lord_howe.counted(back - 12h, back + 12h) == 8h + 30min);
  // Santiago goes forward at midnight: 2026-09-06 begins at 01:00, so a window from midnight does as well.
  const auto santiago = daily("America/Santiago", {{"00:00", "04:00"}});
  const auto midnight = at("2026-09-06T04:00:00Z");
  CHECK(santiago.next_open(midnight - 12h) == midnight);
  CHECK(santiago.counted(midnight - 12h, midnight + 12h) == 3h);
}

TEST_CASE("calendar: a day that a zone leaves out has no hours", "[calendar][dst]") {
  // Samoa crossed the date line: 2011-12-29 was followed by 2011-12-31.
  const auto c = daily("Pacific/Apia", office);
  const auto skip = at("2011-12-30T10:00:00Z");
  CHECK(c.counted(skip - 24h, skip + 24h) == 16h);
  CHECK(c.next_open(skip - 3h) == there("Pacific/Apia", "2011-12-31T09:00"));
}

TEST_CASE("calendar: one that stays shut for years gives no answer", "[calendar]") {
  auto rules = rules_of("UTC", {{"mon", {{"09:00", "10:00"}}}});
  const auto monday = std::chrono::local_days{std::chrono::year{2026} / 1 / 5};
  for (int week = 0; week < 300; ++week) rules.holidays.push_back(monday + std::chrono::days{7 * week});
  const auto c = made(rules);
  const auto start = at("2026-01-05T00:00:00Z");
  CHECK_FALSE(c.after(start, 1ms));
  CHECK_FALSE(c.next_open(start));
  CHECK_FALSE(c.is_open(start + 9h));
  CHECK(c.after(start - std::chrono::days{7}, 30min) == start - std::chrono::days{7} + 9h + 30min);
  CHECK_FALSE(made(rules_of("UTC", {{"mon", {{"09:00", "09:01"}}}})).after(start, 10h));
}

TEST_CASE("calendar: instants far outside are bounded, not followed", "[calendar]") {
  const auto c = daily("UTC", office);
  CHECK(c.counted(instant::min(), earliest_instant + 24h) == 8h);
  CHECK(c.counted(latest_instant, instant::max()) == 0ms);
  CHECK(c.stretches(latest_instant, instant::max(), 9).empty());
  CHECK_FALSE(c.is_open(instant::max()));
}

TEST_CASE("calendar: windows are read from their texts", "[calendar]") {
  CHECK(parse_calendar_window("09:00", "12:30", "") == calendar_window{540, 750});
  CHECK(parse_calendar_window("22:00", "02:00", "") == calendar_window{1320, 1560});
  CHECK(parse_calendar_window("00:00", "24:00", "") == calendar_window{0, 1440});
  CHECK(parse_calendar_window("22:00", "00:00", "") == calendar_window{1320, 1440});
  CHECK(parse_calendar_window("09:00", "09:00", "") == calendar_window{540, 1980});
  for (const char* bad :
       {"24:00", "24:01", "25:00", "9:00", "09:60", "09.00", "", "09:000", "-1:00", "0a:00", "99:99"}) {
    CAPTURE(bad);
    auto read = parse_calendar_window(bad, "10:00", "/weekly/mon/0");
    REQUIRE_FALSE(read);
    CHECK(read.error().fields.front().pointer == "/weekly/mon/0/0");
    if (std::string_view(bad) == "24:00") continue;
    read = parse_calendar_window("08:00", bad, "/weekly/mon/3");
    REQUIRE_FALSE(read);
    CHECK(read.error().fields.front().pointer == "/weekly/mon/3/1");
  }
}

TEST_CASE("calendar: what is wrong is pointed at, all of it", "[calendar]") {
  auto rules = rules_of("Europe/London", {{"mon", office}});
  CHECK(pointers(rules).empty());
  rules.name = "";
  rules.time_zone = "Mars/Olympus";
  rules.holidays = {std::chrono::local_days{std::chrono::year{2026} / 1 / 1},
                    std::chrono::local_days{std::chrono::year{1999} / 12 / 31}};
  rules.weekly[0] = {};
  CHECK(pointers(rules) == list{"/name", "/time_zone", "/holidays/1", "/weekly"});
  rules = rules_of("UTC", {{"mon", office}});
  rules.name = std::string(201, 'x');
  CHECK(pointers(rules) == list{"/name"});
  rules.name = "a\nb";
  CHECK(pointers(rules) == list{"/name"});
  rules.name.clear();
  for (int i = 0; i < 200; ++i) rules.name += "ü";
  CHECK(pointers(rules).empty());
  rules.holidays.assign(1001, std::chrono::local_days{std::chrono::year{2026} / 1 / 1});
  CHECK(pointers(rules) == list{"/holidays"});
}

TEST_CASE("calendar: windows may touch but not overlap, past midnight and past Sunday as well", "[calendar]") {
  CHECK(pointers(rules_of("UTC", {{"mon", {{"09:00", "12:00"}, {"12:00", "13:00"}}}})).empty());
  CHECK(pointers(rules_of("UTC", {{"mon", {{"13:00", "14:00"}, {"09:00", "12:00"}}}})).empty());
  CHECK(pointers(rules_of("UTC", {{"mon", {{"09:00", "12:00"}, {"11:59", "13:00"}}}})) == list{"/weekly/mon/1"});
  CHECK(pointers(rules_of("UTC", {{"mon", {{"11:59", "13:00"}, {"09:00", "12:00"}}}})) == list{"/weekly/mon/0"});
  CHECK(pointers(rules_of("UTC", {{"fri", {{"22:00", "02:00"}}}, {"sat", {{"01:00", "03:00"}}}})) ==
        list{"/weekly/sat/0"});
  CHECK(pointers(rules_of("UTC", {{"sun", {{"22:00", "02:00"}}}, {"mon", {{"01:00", "03:00"}}}})) ==
        list{"/weekly/mon/0"});
  CHECK(pointers(rules_of("UTC", {{"sun", {{"22:00", "02:00"}}}, {"mon", {{"02:00", "03:00"}}}})).empty());
  CHECK(pointers(rules_of("UTC", {{"mon", {{"09:00", "12:00"}, {"09:00", "12:00"}}}})) == list{"/weekly/mon/1"});
  auto rules = rules_of("UTC", {{"mon", office}});
  rules.weekly[1] = {{-1, 20}, {100, 100}, {1440, 1500}, {10, 1451}};
  CHECK(pointers(rules) == list{"/weekly/tue/0", "/weekly/tue/1", "/weekly/tue/2", "/weekly/tue/3"});
  rules.weekly[1].assign(25, {0, 1});
  CHECK(pointers(rules) == list{"/weekly/tue"});
}

TEST_CASE("calendar: its text is canonical", "[calendar]") {
  auto rules =
      rules_of("Europe/London", {{"fri", {{"22:00", "02:00"}, {"09:00", "09:30"}}}, {"mon", {{"00:00", "00:00"}}}},
               {"2026-12-26", "2026-12-25", "2026-12-26"});
  rules.name = "Night \"shift\"";
  rules.version = 7;
  const auto c = made(rules);
  CHECK(to_json(c.rules()) == "{\"id\":\"" + to_string(rules.id) +
                                  R"(","name":"Night \"shift\"","time_zone":"Europe/London","weekly":)"
                                  R"({"mon":[["00:00","24:00"]],"fri":[["09:00","09:30"],["22:00","02:00"]]},)"
                                  R"("holidays":["2026-12-25","2026-12-26"],"version":7})");
  for (const char* bad :
       {"", "null", "[]", "{}", R"({"name":"x"})", R"({"weekly":{"someday":[]}})", R"({"weekly":{"mon":[["a","b"]]}})",
        R"({"weekly":{"mon":[["09:00"]]}})", R"({"holidays":["2026-02-30"]})", R"({"version":"7"})", R"({"id":"x"})",
        R"({"color":"red"})"}) {
    CAPTURE(bad);
    auto read = calendar_from_json(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::invalid);
  }
  CHECK_FALSE(parse_date("2026-13-01"));
  CHECK_FALSE(parse_date("2026-1-01"));
  CHECK_FALSE(parse_date("1999-12-31"));
  CHECK(format_date(*parse_date("2028-02-29")) == "2028-02-29");
}
