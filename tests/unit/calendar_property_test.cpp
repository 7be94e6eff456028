// Rule 10: business time against a counter that looks at every minute.
#include "tests/unit/calendar_fixture.hpp"

using namespace usher::test;

namespace {

using std::chrono::days;

constexpr const char* zones[] = {
    "UTC",          "Europe/London", "America/New_York", "America/Santiago", "Australia/Lord_Howe",
    "Asia/Kolkata", "Pacific/Apia"};

struct scene {
  std::mt19937 random;
  calendar_rules rules;
  instant from{};

  explicit scene(unsigned seed, const char* zone) : random(seed), rules(random_rules(random, zone)) {
    from = place();
    auto first = std::chrono::floor<days>(std::chrono::local_time<milliseconds>{from.time_since_epoch()});
    for (int i = pick(0, 3); i > 0; --i) rules.holidays.push_back(first + days{pick(0, 11)});
    std::ranges::sort(rules.holidays);
    auto twice = std::ranges::unique(rules.holidays);
    rules.holidays.erase(twice.begin(), twice.end());
  }

  int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); }

  milliseconds span(milliseconds most) {
    return milliseconds{std::uniform_int_distribution<std::int64_t>(0, most.count())(random)};
  }

  /// Mostly a day or so before a change of the clocks, where the zone has one.
  instant place() {
    instant any = at("2010-01-01T00:00:00Z") + span(days{26 * 365});
    if (pick(0, 9) == 0) any = at("2011-12-29T00:00:00Z");  // Apia left out the 30th
    auto change = date::locate_zone(rules.time_zone)->get_info(any).end;
    bool has_change = change < date::sys_days{date::year{2037} / 1 / 1};
    return has_change && pick(0, 3) != 0 ? instant{change} - span(days{3}) : any;
  }
};

}  // namespace

TEST_CASE("rule 10: counted and after agree with a minute counter, through DST changes", "[sla][calendar]") {
  for (const auto* zone : zones) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
      scene s(seed, zone);
      CAPTURE(zone, seed, to_json(s.rules), format_rfc3339(s.from));
      const auto c = made(s.rules);
      const minute_counter naive(s.rules, s.from, s.from + days{12});
      for (int i = 0; i < 25; ++i) {
        const instant from = s.from + s.span(days{6});
        const instant to = from + s.span(s.pick(0, 1) == 0 ? milliseconds{days{6}} : milliseconds{3h});
        CAPTURE(format_rfc3339(from), format_rfc3339(to));
        const auto counted = c.counted(from, to);
        REQUIRE(counted == naive.counted(from, to));
        REQUIRE(c.is_open(from) == naive.is_open(from));
        const auto reached = c.after(from, counted);
        REQUIRE(reached);
        REQUIRE(*reached <= std::max(to, from));
        REQUIRE(c.counted(from, *reached) == counted);
        if (counted > 0ms) REQUIRE(c.counted(from, *reached - 1ms) == counted - 1ms);
      }
    }
  }
}

TEST_CASE("rule 10: stretches lie side by side, and their open parts add up", "[sla][calendar]") {
  for (const auto* zone : zones) {
    for (unsigned seed = 100; seed < 130; ++seed) {
      scene s(seed, zone);
      const instant to = s.from + s.span(days{10}) + 1ms;
      CAPTURE(zone, seed, to_json(s.rules), format_rfc3339(s.from), format_rfc3339(to));
      const auto c = made(s.rules);
      const auto all = c.stretches(s.from, to, 1000);
      REQUIRE_FALSE(all.empty());
      REQUIRE(all.front().from == s.from);
      REQUIRE(all.back().to == to);
      milliseconds open{0};
      for (std::size_t i = 0; i < all.size(); ++i) {
        REQUIRE(all[i].from < all[i].to);
        if (i > 0) REQUIRE(all[i].from == all[i - 1].to);
        if (i > 0) REQUIRE(all[i].kind != all[i - 1].kind);
        if (all[i].kind == stretch_kind::open) open += all[i].to - all[i].from;
        REQUIRE(c.counted(all[i].from, all[i].to) ==
                (all[i].kind == stretch_kind::open ? all[i].to - all[i].from : 0ms));
      }
      REQUIRE(open == c.counted(s.from, to));
      for (std::size_t max = 0; max < std::min<std::size_t>(all.size(), 6); ++max) {
        REQUIRE(c.stretches(s.from, to, max) ==
                std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(max)));
      }
    }
  }
}

TEST_CASE("rule 10: time counted in pieces is the time counted at once", "[sla][calendar]") {
  for (const auto* zone : zones) {
    scene s(7, zone);
    const auto c = made(s.rules);
    CAPTURE(zone, to_json(s.rules));
    for (int i = 0; i < 200; ++i) {
      const instant a = s.from + s.span(days{400});
      const instant b = a + s.span(days{200});
      const instant d = b + s.span(days{200});
      REQUIRE(c.counted(a, b) + c.counted(b, d) == c.counted(a, d));
      REQUIRE(c.next_open(a) >= a);
      REQUIRE(c.is_open(*c.next_open(a)));
      REQUIRE(c.counted(a, *c.next_open(a)) == 0ms);
    }
  }
}

TEST_CASE("rule 10: calendars survive their text", "[sla][calendar]") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    scene s(seed, zones[seed % std::size(zones)]);
    const auto c = made(s.rules);
    const auto text = to_json(c.rules());
    CAPTURE(text);
    const auto back = calendar_from_json(text);
    REQUIRE(back);
    REQUIRE(*back == c);
    REQUIRE(to_json(back->rules()) == text);
  }
}
