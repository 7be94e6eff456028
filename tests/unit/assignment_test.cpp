// Whom a ticket is given to.
#include "domain/agent_index.hpp"
#include "domain/waiting_tickets.hpp"
#include "ticket_fixture.hpp"

#include <map>
#include <random>

using namespace usher::test;

namespace {

agent person(std::string id, std::vector<agent_skill> skills, int capacity = 10) {
  agent a;
  a.id = std::move(id);
  a.skills = std::move(skills);
  a.capacity = capacity;
  a.presence = presence::online;
  return a;
}

ticket_needs payments(choice_kind kind = choice_kind::skilled) {
  ticket_needs n;
  n.kind = kind;
  n.organization = organization_id::generate();
  n.category = "payout_verification";
  n.skills = {"payouts", "risk"};
  n.priority = priority::medium;
  return n;
}

std::vector<std::string> ids_of(const std::vector<candidate>& all) {
  std::vector<std::string> out;
  for (const auto& each : all) out.push_back(each.agent_id);
  return out;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("assignment: skills count, with their level", "[assignment]") {
  agent_index index;
  index.put(person("none", {{"sms", 5}}), true);
  index.put(person("half", {{"payouts", 5}}), true);
  index.put(person("beginner", {{"payouts", 1}, {"risk", 1}}), true);
  index.put(person("master", {{"risk", 5}, {"payouts", 5}}), true);
  CHECK(ids_of(index.rank(payments(), 9)) == names{"master", "half", "beginner"});
  CHECK(ids_of(index.rank(payments(choice_kind::best), 9)) == names{"master", "half", "beginner", "none"});
  auto words = index.best(payments())->reasons;
  CHECK(words == names{"skills: payouts 5 of 5, risk 5 of 5", "load 0 of 10", "online"});
}

TEST_CASE("assignment: only somebody who is there, on shift, with room and for this customer", "[assignment]") {
  auto needs = payments();
  agent_index index;
  auto suits_one = [&](agent who, bool on_shift, int load) {
    who.id = "one";
    index.put(who, on_shift);
    index.add_load("one", load - index.load_of("one"));
    return index.best(needs).has_value();
  };
  auto able = person("one", {{"payouts", 3}}, 4);
  CHECK(suits_one(able, true, 0));
  CHECK(suits_one(able, true, 3));
  CHECK_FALSE(suits_one(able, true, 4));
  CHECK_FALSE(suits_one(able, false, 0));
  auto away = able;
  away.presence = presence::away;
  CHECK_FALSE(suits_one(away, true, 0));
  auto limited = able;
  limited.organizations = {organization_id::generate()};
  CHECK_FALSE(suits_one(limited, true, 0));
  limited.organizations.push_back(needs.organization);
  CHECK(suits_one(limited, true, 0));
  needs.priority = priority::critical;  // counts twice
  CHECK(suits_one(able, true, 2));
  CHECK_FALSE(suits_one(able, true, 3));
  able.capacity = 1;  // but nobody's capacity is too small for one
  CHECK(suits_one(able, true, 0));
  needs.without = {"one"};
  CHECK_FALSE(suits_one(able, true, 0));
}

TEST_CASE("assignment: of equal ones the one who was given something longest ago", "[assignment]") {
  agent_index index;
  for (const auto* id : {"a", "b", "c"}) index.put(person(id, {{"payouts", 3}}, 100), true);
  std::map<std::string, int> given;
  auto at = morning;
  for (int i = 0; i < 30; ++i) {
    auto best = index.best(payments());
    REQUIRE(best);
    ++given[best->agent_id];
    index.given(best->agent_id, at += 1s);
  }
  CHECK(given == std::map<std::string, int>{{"a", 10}, {"b", 10}, {"c", 10}});
}

TEST_CASE("assignment: one bad mark does not sink a newcomer, many do", "[assignment]") {
  agent_index index;
  index.put(person("new", {{"payouts", 4}}), true);
  index.put(person("known", {{"payouts", 3}}), true);
  index.scored("new", 1);
  CHECK(index.best(payments())->agent_id == "new");
  for (int i = 0; i < 60; ++i) index.scored("new", 1);
  CHECK(index.best(payments())->agent_id == "known");
}

TEST_CASE("assignment: history with the customer and speed in the category tip the scales", "[assignment]") {
  auto needs = payments();
  agent_index index;
  index.put(person("a", {{"payouts", 3}}), true);
  index.put(person("b", {{"payouts", 3}}), true);
  CHECK(index.best(needs)->agent_id == "a");
  for (int i = 0; i < 10; ++i) index.finished("b", needs.category, 0.1);
  CHECK(index.best(needs)->agent_id == "b");
  for (int i = 0; i < 3; ++i) index.served(needs.organization, "a");
  CHECK(index.best(needs)->agent_id == "a");
  CHECK(index.best(needs)->reasons.back() == "knows this customer: 3 tickets before");
}

TEST_CASE("assignment: an emergency goes to a specialist first, past capacity; else to the best with room",
          "[assignment]") {
  agent_index index;
  auto specialist = person("spec", {}, 1);
  specialist.wedding_specialist = true;
  index.put(specialist, true);
  index.add_load("spec", 1);
  index.put(person("able", {{"payouts", 5}, {"risk", 5}}), true);
  CHECK(ids_of(index.rank(payments(choice_kind::emergency), 9)) == names{"spec", "able"});
  index.set_on_shift("spec", false);
  CHECK(ids_of(index.rank(payments(choice_kind::emergency), 9)) == names{"able"});
}

TEST_CASE("assignment: the index agrees with a look at everybody, through random lives", "[assignment]") {
  std::mt19937 random{20'260'613};
  auto any = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); };
  const names skills{"payouts", "risk", "sms", "billing"};
  agent_index index;
  struct known {
    agent who;
    bool on_shift = true;
    int load = 0;
  };
  std::map<std::string, known> all;
  for (int step = 0; step < 3000; ++step) {
    auto id = "agent-" + std::to_string(any(19));
    auto& k = all[id];
    switch (k.who.id.empty() ? 0 : any(3)) {
      case 0: {
        k.who = person(id, {}, any(4));
        for (int i = any(3); i > 0; --i) k.who.skills.push_back({skills[static_cast<std::size_t>(any(3))], 1 + any(4)});
        k.who.presence = static_cast<presence>(any(2));
        k.who.role = static_cast<role>(1 + any(2));
        k.who.wedding_specialist = any(3) == 0;
        k.on_shift = any(3) > 0;
        index.put(k.who, k.on_shift);
        break;
      }
      case 1:
        index.set_on_shift(id, k.on_shift = any(1) == 0);
        break;
      default: {
        int change = any(1) == 0 ? 1 : -std::min(1, k.load);
        k.load += change;
        index.add_load(id, change);
      }
    }
    auto needs = payments(static_cast<choice_kind>(any(3)));
    needs.priority = static_cast<priority>(any(3));
    std::vector<candidate> expected;
    for (const auto& [name, each] : all) {
      agent_snapshot a(each.who);
      a.on_shift = each.on_shift;
      a.load = each.load;
      for (std::size_t i = 0; i < needs.skills.size(); ++i)
        for (const auto& s : each.who.skills)
          if (s.skill == needs.skills[i]) a.levels[i] = std::max(a.levels[i], static_cast<std::uint8_t>(s.level));
      if (suits(needs, a)) expected.push_back({name, score_of(needs, a), {}});
    }
    std::ranges::stable_sort(expected, [](const auto& a, const auto& b) { return a.score > b.score; });
    REQUIRE(ids_of(index.rank(needs, 99)) == ids_of(expected));
  }
}

TEST_CASE("assignment: waiting tickets come by urgency, then deadline, then age", "[assignment]") {
  ticket_fixture t;
  waiting_tickets waiting;
  auto make = [&](urgency u, std::chrono::minutes later, priority p) {
    t.now = morning + later;
    t.create(tier::enterprise, p);
    auto copy = std::make_shared<ticket>(*t.ticket);
    copy->urgency = u;
    copy->category = "client_payment";
    waiting.put(copy, t.now, false);
    return copy->id;
  };
  auto old = make(urgency::none, 0min, priority::low);
  auto due = make(urgency::none, 5min, priority::high);
  auto urgent = make(urgency::urgent, 9min, priority::low);
  auto who = person("a", {{"payments", 1}});
  auto everything = [](const ticket_ptr&, bool) { return true; };
  names order;
  std::vector<ticket_id> taken;
  while (auto next = waiting.next_for(who, t.settings, everything)) {
    taken.push_back(next->id);
    waiting.remove(next->id);
  }
  CHECK(taken == std::vector<ticket_id>{urgent, due, old});

  SECTION("after the wait anybody may have it") {
    auto id = make(urgency::none, 20min, priority::low);
    auto stranger = person("b", {{"sms", 5}});
    CHECK(waiting.next_for(stranger, t.settings, everything) == nullptr);
    CHECK(waiting.relax(morning + 19min, 10).empty());
    CHECK(waiting.relax(morning + 20min, 10).size() == 1);
    CHECK(waiting.next_for(stranger, t.settings, everything)->id == id);
  }
}

namespace {

/// A chooser of one answer.
struct one_choice final : chooser {
  assignment_rules set;
  std::optional<std::string> answer;
  [[nodiscard]] const assignment_rules& rules() const override { return set; }
  [[nodiscard]] std::optional<held_choice> choose(const ticket&, const ticket_needs& needs) const override {
    if (!answer || std::ranges::find(needs.without, *answer) != needs.without.end()) return std::nullopt;
    return held_choice{{*answer, 700, {"online"}}, nullptr};
  }
  [[nodiscard]] bool is_on_duty(std::string_view) const override { return true; }
};

struct desk_of_one : ticket_fixture {
  one_choice people;
  result<change> ask(const ticket_command& command, const caller& by) {
    auto c = context(by);
    c.chooses = &people;
    auto done = perform(ticket, command, c);
    if (done) ticket = done->after;
    return done;
  }
  void make() {
    create_ticket command;
    command.id = ticket_id::generate();
    command.organization = organization;
    command.tier = tier::enterprise;
    command.subject = "Where is my payout?";
    command.body = "It was due on Monday.";
    REQUIRE(ask(command, as(role::requester)));
  }
  static give_ticket given(std::string from, std::string to, std::string cause) {
    return {std::move(from), std::move(to),
            std::make_shared<const assignment_note>(assignment_note{std::move(cause), {"x", 1, {"online"}}})};
  }
};

}  // namespace

TEST_CASE("assignment: a new ticket is given out with its creation, in one change", "[assignment]") {
  desk_of_one t;
  t.people.answer = "sam";
  t.make();
  CHECK(t.ticket->assignee_id == "sam");
  CHECK(t.ticket->version == 1);
  CHECK(t.ticket->silent_since == maybe_instant(morning));
  t.people.set.automatic = false;
  t.ticket = nullptr;
  t.make();
  CHECK(t.ticket->assignee_id.empty());
}

TEST_CASE("assignment: on request, with the reasons in the trail; a conflict when nobody is there", "[assignment]") {
  desk_of_one t;
  t.make();
  auto supervisor = t.as(role::supervisor);
  auto refused = t.ask(assign_ticket{"", true}, supervisor);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::conflict);
  CHECK(t.ask(assign_ticket{"", true}, t.as(role::requester)).error().code == errc::forbidden);
  t.people.answer = "sam";
  auto done = t.ask(assign_ticket{"", true}, supervisor);
  REQUIRE(done);
  CHECK(t.ticket->assignee_id == "sam");
  CHECK(audit_action(*done) == "ticket.assigned");
  CHECK(audit_details(*done).find(R"("assignment":{"cause":"asked","score":700,"reasons":["online"]})") !=
        std::string::npos);
  CHECK(t.ask(assign_ticket{"", true}, supervisor)->events.empty());
  CHECK(t.ask(assign_ticket{"", true}, t.as(role::agent)).error().code == errc::forbidden);  // another one's
}

TEST_CASE("assignment: what was taken back is given on, unless a sign came first", "[assignment]") {
  desk_of_one t;
  t.people.answer = "sam";
  t.make();
  t.now += 5min;
  SECTION("silent") {
    REQUIRE(t.ask(t.given("sam", "tim", "silent"), caller::system()));
    CHECK(t.ticket->assignee_id == "tim");
    CHECK(*t.ticket->taken_from == names{"sam"});
  }
  SECTION("a note is a sign") {
    REQUIRE(t.ask(t.message(visibility::internal), caller{"sam", role::agent, std::nullopt}));
    CHECK(t.ask(t.given("sam", "tim", "silent"), caller::system())->events.empty());
    CHECK(t.ask(t.given("sam", "tim", "offline"), caller::system())->events.size() == 1);
  }
  SECTION("another one has it by now") {
    REQUIRE(t.ask(assign_ticket{"ann"}, t.as(role::supervisor)));
    CHECK(t.ask(t.given("sam", "tim", "silent"), caller::system())->events.empty());
  }
  SECTION("answered") {
    REQUIRE(t.ask(t.message(visibility::public_), caller{"sam", role::agent, std::nullopt}));
    CHECK(t.ask(t.given("sam", "tim", "offline"), caller::system())->events.empty());
  }
  SECTION("nobody else is there: people are told") {
    auto done = t.ask(t.given("sam", "", "offline"), caller::system());
    REQUIRE(done);
    CHECK(t.ticket->assignee_id.empty());
    CHECK(std::ranges::any_of(done->events, [](const auto& e) {
      const auto* alert = std::get_if<alert_raised>(&e);
      return alert != nullptr && alert->kind == "assignment_failed";
    }));
  }
  SECTION("a resolved ticket forgets who lost it") {
    REQUIRE(t.ask(t.given("sam", "tim", "silent"), caller::system()));
    update_ticket resolve;
    resolve.status = ticket_status::resolved;
    REQUIRE(t.ask(resolve, t.as(role::agent)));
    CHECK(t.ticket->taken_from == nullptr);
    CHECK_FALSE(t.ticket->silent_since);
  }
}

TEST_CASE("assignment: silence ends by a share of the target, counted from the gift", "[assignment]") {
  ticket_fixture t;
  t.create(tier::enterprise, priority::high);  // an hour
  t.now += 10min;
  t.must(assign_ticket{"sam"}, role::supervisor);
  CHECK(silence_ends_at(*t.ticket, 80) == morning + 58min);
  CHECK_FALSE(silence_ends_at(*t.ticket, 0));
  t.staff_answers();
  CHECK_FALSE(silence_ends_at(*t.ticket, 80));
  t.create();
  REQUIRE(t.run(assign_ticket{"sam"}, {"sam", role::agent, std::nullopt}));
  CHECK_FALSE(silence_ends_at(*t.ticket, 80));  // took it of its own
}

TEST_CASE("csat: one score a cycle, after the resolution, by the customer", "[csat]") {
  ticket_fixture t;
  t.create();
  t.must(assign_ticket{"sam"}, role::supervisor);
  auto customer = t.as(role::requester);
  auto code = [&](const ticket_command& command, const caller& by) {
    auto done = t.run(command, by);
    return done ? std::string("ok") : std::string(to_word(done.error().code));
  };
  CHECK(code(rate_ticket{5, ""}, customer) == "conflict");
  t.set_status(ticket_status::resolved);
  CHECK(code(rate_ticket{5, ""}, t.as(role::agent)) == "forbidden");
  CHECK(code(rate_ticket{6, ""}, customer) == "invalid");
  auto done = t.run(rate_ticket{4, "Fine"}, customer);
  REQUIRE(done);
  CHECK(audit_action(*done) == "ticket.rated");
  CHECK(audit_details(*done) == R"({"score":4,"cycle":1})");
  const auto& rated = std::get<ticket_rated>(done->events.front());
  CHECK(rated.agent_id == "sam");
  CHECK(code(rate_ticket{4, ""}, customer) == "conflict");
  t.set_status(ticket_status::open);
  CHECK(code(rate_ticket{4, ""}, customer) == "conflict");
  t.set_status(ticket_status::resolved);
  CHECK(code(rate_ticket{2, ""}, customer) == "ok");
  CHECK(t.ticket->rated_cycle == 2);
}
