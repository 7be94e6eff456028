// A clock explains itself (sla-rules, rule 16).
#include "domain/sla_report.hpp"

#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

std::vector<clock_changed> clock_events_of(const ticket_fixture& t) {
  std::vector<clock_changed> all;
  for (const auto& [event, at] : t.history)
    if (const auto* clock = std::get_if<clock_changed>(&event)) all.push_back(*clock);
  return all;
}

const clock_report& report_of(const std::vector<clock_report>& all, clock_kind kind) {
  for (const auto& r : all)
    if (r.clock.kind() == kind) return r;
  FAIL("no such clock");
  return all.front();
}

}  // namespace

TEST_CASE("rule 16: every interval counted and not counted, with its reason", "[sla]") {
  ticket_fixture t;
  t.create();
  t.now += 10min;
  t.set_status(ticket_status::pending);
  t.now += 20min;
  t.set_status(ticket_status::open);
  t.now += 5min;
  auto all = explain_clocks(clock_events_of(t), t.now);
  const auto& resolution = report_of(all, clock_kind::resolution);
  REQUIRE(resolution.intervals.size() == 3);
  CHECK(resolution.intervals[0] == clock_interval{morning, morning + 10min, true, "running"});
  CHECK(resolution.intervals[1] == clock_interval{morning + 10min, morning + 30min, false, "pending"});
  CHECK(resolution.intervals[2] == clock_interval{morning + 30min, morning + 35min, true, "running"});
  CHECK(resolution.clock == t.clock(clock_kind::resolution));
  CHECK(resolution.explanation.find("15 min counted, 20 min did not") != std::string::npos);
  CHECK(report_of(all, clock_kind::first_response).intervals.size() == 1);
}

TEST_CASE("rule 16: the counted intervals add up to what has elapsed", "[sla]") {
  ticket_fixture t;
  t.create();
  for (auto status : {ticket_status::on_hold, ticket_status::open, ticket_status::pending, ticket_status::open,
                      ticket_status::resolved}) {
    t.now += 7min;
    t.set_status(status);
  }
  t.now += 1h;
  for (const auto& r : explain_clocks(clock_events_of(t), t.now)) {
    milliseconds counted{0};
    for (const auto& i : r.intervals)
      if (i.counted) counted += i.to - i.from;
    CHECK(counted == r.clock.elapsed(t.now));
    for (std::size_t i = 1; i < r.intervals.size(); ++i) CHECK(r.intervals[i].from == r.intervals[i - 1].to);
  }
}

TEST_CASE("rule 16: in words: met, breached, cancelled, retargeted", "[sla]") {
  ticket_fixture t;
  t.create();
  t.now += 70min;
  t.set_priority(priority::low);
  t.staff_answers();
  auto all = explain_clocks(clock_events_of(t), t.now);
  const auto& response = report_of(all, clock_kind::first_response);
  CHECK(response.explanation.find("First response (cycle 1)") == 0);
  CHECK(response.explanation.find("The target became 8 h") != std::string::npos);
  CHECK(response.explanation.find("It was breached at 2026-06-13T09:00:00.000Z") != std::string::npos);
  CHECK(report_of(all, clock_kind::resolution).explanation.find("It is running") != std::string::npos);
}

TEST_CASE("rule 16: a clock without events is not made up", "[sla]") {
  CHECK(explain_clocks({}, morning).empty());
  clock_changed orphan{clock_kind::resolution, 1, {clock_event_type::stop, morning, morning, std::nullopt, {}}};
  CHECK(explain_clocks({orphan}, morning).empty());
}
