// The wedding day (contract, sections 4.7 and 4.8; sla-rules, rule 17).
#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

/// Says what the test wants it to say.
struct fixed_judge final : judge {
  classification verdict;
  text_verdict read(std::string_view, std::string_view, const std::optional<instant>&, instant) const override {
    return {verdict, priority::low, urgency::none, {}};
  }
};

struct day : ticket_fixture {
  fixed_judge words;

  day() { reads = &words; }

  change create_for(std::optional<instant> ceremony, priority at = priority::low, tier of = tier::free) {
    create_ticket command;
    command.id = ticket_id::generate();
    command.number = 7;
    command.organization = organization;
    command.tier = of;
    command.subject = "The tent";
    command.body = "It leaks.";
    command.priority = at;
    if (ceremony) command.wedding = wedding{*ceremony, "", ""};
    return must(command, role::requester);
  }
  change move_to(std::optional<instant> ceremony) {
    update_ticket command;
    command.wedding.emplace();
    if (ceremony) command.wedding = wedding{*ceremony, "", ""};
    return must(command, role::agent);
  }
  change check(bool after_outage = false) { return must(check_clocks{after_outage}, role::system); }
  [[nodiscard]] const sla_clock& response() const { return clock(clock_kind::first_response); }
};

}  // namespace

TEST_CASE("wedding day: a ticket inside 8 h is an emergency with 15 minutes to the first response", "[day]") {
  day t;
  t.create_for(morning + 8h);
  CHECK(t.ticket->urgency == urgency::emergency);
  CHECK(t.ticket->priority == priority::high);  // one step up, to at least high
  CHECK(t.response().due_at() == morning + 15min);
  CHECK(t.clock(clock_kind::resolution).target() == 96h);
  CHECK(t.ticket->escalations.empty());  // the text does not say that the day is at stake

  day far;
  far.create_for(morning + 8h + 1ms);
  CHECK(far.ticket->urgency == urgency::urgent);
  CHECK(far.response().target() == 24h);
}

TEST_CASE("wedding day: urgency is re-derived as time passes", "[day]") {
  day t;
  auto ceremony = morning + 50h;
  t.create_for(ceremony, priority::medium, tier::free);
  CHECK(t.ticket->urgency == urgency::none);
  CHECK(t.ticket->next_timer() == ceremony - 48h);
  t.now = ceremony - 48h;
  t.check();
  CHECK(t.ticket->urgency == urgency::urgent);
  CHECK(t.ticket->priority == priority::high);
  CHECK(t.ticket->raised_from == priority::medium);
  CHECK(t.response().target() == 24h);

  t.now = ceremony - 8h + 20ms;  // the timer was a little late
  t.check();
  CHECK(t.ticket->urgency == urgency::emergency);
  CHECK(t.ticket->emergency_since == ceremony - 8h);
  CHECK(t.response().due_at() == morning + 24h);  // it was due earlier than the cap, and stays so

  t.now = ceremony + 12h + 1ms;
  t.check();
  CHECK(t.ticket->urgency == urgency::none);
  CHECK(t.ticket->priority == priority::medium);
}

TEST_CASE("wedding day: the response clock then running falls due 15 min after the beginning of the emergency",
          "[day]") {
  day t;
  auto ceremony = morning + 10h;
  t.create_for(ceremony, priority::low, tier::free);
  CHECK(t.ticket->urgency == urgency::urgent);
  t.now = ceremony - 8h + 3ms;
  t.check();
  CHECK(t.response().due_at() == ceremony - 8h + 15min);
  t.now = ceremony - 8h + 15min + 1ms;
  t.check();
  CHECK(t.response().breached_at(t.now) == ceremony - 8h + 15min);

  SECTION("also when the process was away at that moment") {
    day late;
    late.create_for(ceremony, priority::low, tier::free);
    late.now = ceremony - 5h;
    late.check(true);
    CHECK(late.response().breached_at(late.now) == ceremony - 8h + 15min);
  }
}

TEST_CASE("wedding day: an answer in the emergency starts a clock of 15 minutes with the next message", "[day]") {
  day t;
  t.create_for(morning + 4h);
  t.staff_answers();
  t.now += 1min;
  t.customer_writes();
  CHECK(t.clock(clock_kind::next_response).due_at() == t.now + 15min);
}

TEST_CASE("wedding day: postponed, it falls back; a person's priority stays", "[day]") {
  day t;
  t.create_for(morning + 4h, priority::medium);
  CHECK(t.ticket->priority == priority::high);
  SECTION("moved away") {
    t.now += 5min;
    t.move_to(morning + 24h * 365);
    CHECK(t.ticket->urgency == urgency::none);
    CHECK(t.ticket->priority == priority::medium);
    CHECK(t.response().target() == 48h);
    CHECK(t.response().elapsed(t.now) == 5min);
  }
  SECTION("taken away") {
    t.move_to(std::nullopt);
    CHECK(t.ticket->urgency == urgency::none);
    CHECK(t.ticket->priority == priority::medium);
  }
  SECTION("a person has changed it since") {
    t.set_priority(priority::low);
    t.move_to(morning + 24h * 365);
    CHECK(t.ticket->priority == priority::low);
  }
  SECTION("a breach that was recorded stays (rule 5)") {
    t.now += 16min;
    t.move_to(morning + 24h * 365);
    CHECK(t.response().breached_at(t.now) == morning + 15min);
  }
}

TEST_CASE("wedding day: moved closer, it begins now", "[day]") {
  day t;
  t.create_for(morning + 24h * 3650);
  t.now += 1h;
  t.move_to(t.now + 2h);
  CHECK(t.ticket->urgency == urgency::emergency);
  CHECK(t.response().due_at() == t.now + 15min);
}

TEST_CASE("wedding day: yesterday's is over, in ten years is far", "[day]") {
  day t;
  t.create_for(morning - 24h);
  CHECK(t.ticket->urgency == urgency::none);
  CHECK(t.ticket->priority == priority::low);
  day far;
  far.create_for(morning + 24h * 3650);
  CHECK(far.ticket->urgency == urgency::none);
}

TEST_CASE("rule 17: a wedding day's clocks run round the clock, whatever calendar the tier has", "[day]") {
  day t;
  calendar_rules weekdays;
  weekdays.id = calendar_id::generate();
  weekdays.name = "Office";
  weekdays.time_zone = "UTC";
  for (std::size_t d = 0; d < 5; ++d) weekdays.weekly[d] = {{9 * 60, 17 * 60}};
  auto office = std::make_shared<const calendar>(calendar::make(weekdays).value());
  t.settings.calendars[weekdays.id] = office;
  for (auto& of_tier : t.settings.policies)
    for (auto& p : of_tier) p.calendar = weekdays.id;
  t.settings.compile();
  // 13 June 2026 is a Saturday.
  t.create_for(std::nullopt, priority::critical, tier::enterprise);
  CHECK(t.response().due_at() == morning + 48h + 1h + 30min);  // Monday, 9:30
  t.create_for(morning + 7h, priority::critical, tier::enterprise);
  CHECK(t.response().due_at() == morning + 15min);
  CHECK(t.clock(clock_kind::resolution).due_at() == morning + 4h);
}

TEST_CASE("protocol: a text that says that the day is at stake starts level 999, even without a date", "[day]") {
  day t;
  auto& specialist = t.settings.agents["spec"];
  specialist.id = "spec";
  specialist.wedding_specialist = true;
  specialist.presence = presence::online;
  t.words.verdict.category = "vendor_no_show";
  t.words.verdict.emergency = true;
  t.words.verdict.method = "pattern";
  t.create_for(std::nullopt, priority::low);
  CHECK(t.ticket->urgency == urgency::emergency);
  CHECK(t.ticket->priority == priority::critical);
  CHECK(t.ticket->escalation_level == emergency_level);
  REQUIRE(t.ticket->escalations.size() == 1);
  const auto& e = t.ticket->escalations.front();
  CHECK(e.cause == escalation_cause::emergency);
  CHECK(e.recipients == std::vector<std::string>{"emergency_channel", "spec"});
  CHECK(e.hand_up_at == morning + 2min);
  CHECK(t.ticket->assignee_id == "spec");
  CHECK(t.response().due_at() == morning + 15min);

  SECTION("999 repeats until acknowledged") {
    t.now += 2min;
    t.must(hand_up{emergency_level}, role::system);
    CHECK(t.ticket->escalations.front().hand_up_at == t.now + 2min);
    t.must(acknowledge_escalation{}, role::agent);
    CHECK_FALSE(t.ticket->escalations.front().waits());
  }
  SECTION("a false alarm, taken back, ends it") {
    t.words.verdict.emergency = false;
    update_ticket command;
    command.subject = "All is well, they came";
    t.must(command, role::requester);
    CHECK(t.ticket->urgency == urgency::none);
    CHECK(t.ticket->priority == priority::low);
  }
  SECTION("once a cycle") {
    update_ticket command;
    command.subject = "Still nobody here";
    t.must(command, role::requester);
    CHECK(t.ticket->escalations.size() == 1);
  }
}

TEST_CASE("protocol: it begins when the text changes, also on a day that is one already", "[day]") {
  day t;
  t.create_for(morning + 3h);
  CHECK(t.ticket->escalations.empty());
  t.words.verdict.emergency = true;
  update_ticket command;
  command.subject = "The florist has not come";
  t.must(command, role::requester);
  CHECK(t.ticket->escalation_level == emergency_level);
  CHECK(t.ticket->priority == priority::critical);
}

TEST_CASE("replay: the clocks of a wedding day are what their events say", "[day]") {
  day t;
  t.create_for(morning + 50h, priority::medium, tier::professional);
  for (auto at : {2h, 20h, 42h, 43h, 63h}) {
    t.now = morning + at;
    t.check();
    t.customer_writes();
  }
  std::vector<sla_clock> replayed;
  for (const auto& [event, at] : t.history) {
    const auto* e = std::get_if<clock_changed>(&event);
    if (e == nullptr) continue;
    auto found =
        std::ranges::find_if(replayed, [&](const auto& c) { return c.kind() == e->kind && c.cycle() == e->cycle; });
    if (found == replayed.end())
      replayed.emplace_back(e->kind, e->cycle, e->event);
    else
      found->apply(e->event);
  }
  CHECK(replayed == t.ticket->clocks);
}

TEST_CASE("wedding day: a cap that passes while the clock is paused ran out with what was counted by then", "[day]") {
  ticket_fixture desk;
  desk.create();
  desk.staff_answers();
  desk.now += 10min;
  desk.customer_writes();
  desk.now += 1min;
  desk.set_status(ticket_status::pending);
  desk.now += 30min;
  update_ticket date;
  date.wedding.emplace(wedding{desk.now + 2h, "", ""});
  desk.must(date, role::agent);
  REQUIRE(desk.ticket->urgency == urgency::emergency);
  // Still paused when the cap passes; then it goes on, and its target is given anew.
  desk.now += 40min;
  desk.set_status(ticket_status::open);
  desk.set_priority(priority::low);
  desk.must(check_clocks{}, role::system);
  const auto& clock = desk.clock(clock_kind::next_response);
  CHECK(clock.target() >= milliseconds{0});
  if (auto breached = clock.breached_at(desk.now)) CHECK(*breached >= clock.started_at());
}
