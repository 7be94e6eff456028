// The freeze of wedding days: when it holds, what it holds back, and who may break the glass.
#include <catch2/catch_test_macros.hpp>

#include "domain/freeze.hpp"
#include "domain/notification.hpp"

using namespace usher::domain;
using namespace std::chrono_literals;

namespace {

instant at(const char* text) { return parse_rfc3339(text).value(); }

std::vector<wedding_day_count> weddings(const char* text) { return read_wedding_days(text); }

const char* const june = R"([{"day":"2026-06-13","time_zone":"Europe/Paris","weddings":2}])";

}  // namespace

TEST_CASE("freeze: Saturday from midnight to six on Sunday, where the wedding is") {
  const freeze_rules rules;
  struct moment {
    const char* now;
    bool frozen;
  };
  for (const auto& [now, frozen] : {moment{"2026-06-12T21:59:59.999Z", false}, moment{"2026-06-12T22:00:00Z", true},
                                    moment{"2026-06-13T12:00:00Z", true}, moment{"2026-06-14T03:59:59.999Z", true},
                                    moment{"2026-06-14T04:00:00Z", false}}) {
    INFO(now);
    const auto state = freeze_at(rules, weddings(june), at(now));
    CHECK(state.frozen == frozen);
    CHECK(state.until == (frozen ? std::optional(at("2026-06-14T04:00:00Z")) : std::nullopt));
    if (frozen) CHECK(state.reason.find("2 weddings on 2026-06-13: Europe/Paris (2)") != std::string::npos);
  }
  const auto before = freeze_at(rules, weddings(june), at("2026-06-10T00:00:00Z"));
  CHECK(before.next == at("2026-06-12T22:00:00Z"));
  CHECK(freeze_at(rules, weddings(june), at("2026-06-13T12:00:00Z")).next == std::nullopt);
}

TEST_CASE("freeze: a Saturday without a wedding is none, and neither is a wedding on a Friday") {
  CHECK_FALSE(freeze_at({}, {}, at("2026-06-13T12:00:00Z")).frozen);
  const auto friday = weddings(R"([{"day":"2026-06-12","time_zone":"UTC","weddings":1}])");
  for (const char* now : {"2026-06-12T12:00:00Z", "2026-06-13T12:00:00Z"})
    CHECK_FALSE(freeze_at({}, friday, at(now)).frozen);
  // The Sunday's wedding does not freeze the Saturday, nor its own early morning.
  const auto sunday = weddings(R"([{"day":"2026-06-14","time_zone":"UTC","weddings":1}])");
  for (const char* now : {"2026-06-13T12:00:00Z", "2026-06-14T03:00:00Z", "2026-06-14T12:00:00Z"})
    CHECK_FALSE(freeze_at({}, sunday, at(now)).frozen);
}

TEST_CASE("freeze: zones make one freeze from the first midnight to the last six o'clock") {
  const auto both = weddings(
      R"([{"day":"2026-06-13","time_zone":"Pacific/Auckland","weddings":1},{"day":"2026-06-13","time_zone":"America/Los_Angeles","weddings":3}])");
  const auto state = freeze_at({}, both, at("2026-06-13T16:00:00Z"));
  REQUIRE(state.frozen);
  CHECK(state.until == at("2026-06-14T13:00:00Z"));
  CHECK(state.reason.find("4 weddings on 2026-06-13: America/Los_Angeles (3), Pacific/Auckland (1)") !=
        std::string::npos);
  CHECK(freeze_at({}, both, at("2026-06-12T00:00:00Z")).next == at("2026-06-12T12:00:00Z"));
  // Auckland's has ended and Los Angeles' has not begun: there is no such gap here, but there is one a week apart.
  const auto apart = weddings(
      R"([{"day":"2026-06-13","time_zone":"UTC","weddings":1},{"day":"2026-06-20","time_zone":"UTC","weddings":1}])");
  const auto first = freeze_at({}, apart, at("2026-06-13T12:00:00Z"));
  CHECK(first.until == at("2026-06-14T06:00:00Z"));
  CHECK(first.next == at("2026-06-20T00:00:00Z"));
}

TEST_CASE("freeze: both changes of the clocks, and a midnight that does not exist") {
  // Europe/Paris, in the night to Sunday 2026-03-29: 02:00 becomes 03:00.
  auto day = weddings(R"([{"day":"2026-03-28","time_zone":"Europe/Paris","weddings":1}])");
  CHECK(freeze_at({}, day, at("2026-03-28T12:00:00Z")).until == at("2026-03-29T04:00:00Z"));
  // And in the night to Sunday 2026-10-25: 03:00 becomes 02:00.
  day = weddings(R"([{"day":"2026-10-24","time_zone":"Europe/Paris","weddings":1}])");
  CHECK(freeze_at({}, day, at("2026-10-24T12:00:00Z")).until == at("2026-10-25T05:00:00Z"));
  // Africa/Cairo begins its summer time at midnight of a Friday: that day starts at one.
  freeze_rules rules;
  rules.extra_days = parse_days("2026-04-24").value();
  day = weddings(R"([{"day":"2026-04-24","time_zone":"Africa/Cairo","weddings":1}])");
  const auto state = freeze_at(rules, day, at("2026-04-23T12:00:00Z"));
  CHECK(state.next == at("2026-04-23T22:00:00Z"));
}

TEST_CASE("freeze: what operators may set, and what is no setting") {
  const auto long_one = parse_freeze("fri 12:00 - mon 09:30").value();
  CHECK(long_one.from_day == std::chrono::Friday);
  CHECK(long_one.from == 12h);
  CHECK(long_one.until == 9h + 30min);
  const auto saturday = weddings(june);
  const auto state = freeze_at(long_one, saturday, at("2026-06-12T10:00:00Z"));
  CHECK(state.frozen);
  CHECK(state.until == at("2026-06-15T07:30:00Z"));
  const auto off = parse_freeze("off").value();
  CHECK_FALSE(freeze_at(off, saturday, at("2026-06-13T12:00:00Z")).frozen);
  freeze_rules extra;
  extra.extra_days = parse_days("2026-12-24, 2026-12-31").value();
  const auto christmas = weddings(R"([{"day":"2026-12-24","time_zone":"UTC","weddings":1}])");
  CHECK(freeze_at(extra, christmas, at("2026-12-24T12:00:00Z")).until == at("2026-12-25T06:00:00Z"));
  CHECK_FALSE(freeze_at(extra, christmas, at("2026-12-31T12:00:00Z")).frozen);
  for (const char* wrong :
       {"", "on", "sat", "sat 00:00", "sat 00:00 - xyz 06:00", "sat 24:00 - sun 06:00", "sat 0:00 - sun 06:00"})
    CHECK_FALSE(parse_freeze(wrong).has_value());
  for (const char* wrong : {"tomorrow", "2026-02-30", "2026-12-24;2026-12-25"})
    CHECK_FALSE(parse_days(wrong).has_value());
}

TEST_CASE("freeze: only a manager breaks the glass, with a reason") {
  const auto now = at("2026-06-13T12:00:00Z");
  const auto state = freeze_at({}, weddings(june), now);
  const auto ask = [&](role r, const char* reason) {
    return allow_in_freeze(state, {"someone", r, std::nullopt}, reason, now);
  };
  CHECK(ask(role::manager, "The calendar of the venue is wrong").has_value());
  CHECK(ask(role::admin, "The calendar of the venue is wrong").has_value());
  CHECK(ask(role::admin, "because").error().code == errc::invalid);
  CHECK(ask(role::admin, "").error().code == errc::frozen);
  const auto refused = ask(role::supervisor, "The calendar of the venue is wrong");
  CHECK(refused.error().code == errc::frozen);
  CHECK(refused.error().retry_after == 16h);
  CHECK(refused.error().detail.find("2026-06-14T04:00:00.000Z") != std::string::npos);
  CHECK(allow_in_freeze({}, {"someone", role::agent, std::nullopt}, "", now).has_value());
}

TEST_CASE("freeze: executives hear of a broken glass by every way that they have") {
  auto settings = desk_settings::defaults();
  agent eve;
  eve.id = "eve";
  eve.email = "eve@desk.example";
  eve.phone = "+15550100";
  eve.role = role::executive;
  settings.agents["eve"] = eve;
  eve.role = role::manager;
  settings.agents["max"] = eve;
  const alert_event event{event_type::alert_raised,   new_uuid_v7(),   {},         {},
                          at("2026-06-13T12:00:00Z"), "freeze_broken", "critical", {}};
  const auto told = tell_executives(event, "why", settings);
  REQUIRE(told.size() == 2);
  CHECK((told[0].channel == "email" && told[0].recipient == "eve@desk.example"));
  CHECK((told[1].channel == "sms" && told[1].recipient == "+15550100"));
  CHECK(told[0].payload.find("why") != std::string::npos);
}
