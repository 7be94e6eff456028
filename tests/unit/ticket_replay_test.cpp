// Random lives of tickets: the fold of all events is the live value, and the rules hold after every step.
#include <map>
#include <random>

#include "tests/unit/ticket_fixture.hpp"

using namespace usher::test;

namespace {

template <class T>
bool same_content(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a && b ? *a == *b : a == b;
}

void check_same(const ticket& a, const ticket& b) {
  CHECK(a.id == b.id);
  CHECK(a.number == b.number);
  CHECK(a.organization == b.organization);
  CHECK(a.tier == b.tier);
  CHECK(a.status == b.status);
  CHECK(a.priority == b.priority);
  CHECK(a.urgency == b.urgency);
  CHECK(a.escalation_level == b.escalation_level);
  CHECK(a.reopened == b.reopened);
  CHECK(a.created_at == b.created_at);
  CHECK(a.updated_at == b.updated_at);
  CHECK(a.resolved_at == b.resolved_at);
  CHECK(a.deleted_at == b.deleted_at);
  CHECK(a.requester_id == b.requester_id);
  CHECK(a.assignee_id == b.assignee_id);
  CHECK(a.category == b.category);
  CHECK(a.subject == b.subject);
  CHECK(a.body == b.body);
  CHECK(same_content(a.tags, b.tags));
  CHECK(same_content(a.custom_fields, b.custom_fields));
  CHECK(same_content(a.wedding, b.wedding));
  CHECK(same_content(a.classification, b.classification));
  CHECK(a.clocks == b.clocks);
}

ticket_command draw(std::mt19937& random) {
  auto pick = [&](int most) { return std::uniform_int_distribution{0, most}(random); };
  update_ticket update;
  switch (pick(11)) {
    case 0:
      update.status = ticket_status::open;
      return update;
    case 1:
      update.status = ticket_status::pending;
      return update;
    case 2:
      update.status = ticket_status::on_hold;
      return update;
    case 3:
      update.status = static_cast<ticket_status>(3 + pick(1));
      return update;
    case 4:
      update.priority = static_cast<priority>(pick(3));
      return update;
    case 5:
      update.tags = std::vector<std::string>(static_cast<std::size_t>(pick(2)), "tag");
      return update;
    case 6:
      update.custom_fields.emplace(1, std::pair{"k" + std::to_string(pick(2)), pick(1) != 0 ? "null" : "1"});
      return update;
    case 7:
      return assign_ticket{pick(1) != 0 ? "somebody" : ""};
    case 8:
      return pick(1) != 0 ? ticket_command{delete_ticket{}} : ticket_command{restore_ticket{}};
    case 9:
      return check_clocks{};
    default:
      return ticket_fixture::message(static_cast<visibility>(pick(3) == 0), pick(4) == 0);
  }
}

role draw_role(std::mt19937& random, const ticket_command& command) {
  if (std::holds_alternative<check_clocks>(command)) return role::system;
  return static_cast<role>(std::uniform_int_distribution{0, 5}(random));
}

milliseconds draw_wait(std::mt19937& random) {
  return milliseconds{std::uniform_int_distribution<std::int64_t>{0, 90 * 60'000}(random)};
}

/// Which clocks count, as the contract's sentences say it (section 4.2), and none of a deleted ticket.
bool should_run(const ticket& t, clock_kind kind) {
  if (t.deleted_at) return false;
  if (kind == clock_kind::first_response) return true;
  if (t.status == ticket_status::pending) return false;
  return t.status != ticket_status::on_hold || kind != clock_kind::resolution;
}

void check_rules(const ticket& t, instant now) {
  std::map<clock_kind, int> cycles;
  std::map<clock_kind, int> open;
  for (const auto& clock : t.clocks) {
    CHECK(clock.cycle() == ++cycles[clock.kind()]);
    if (!clock.is_open()) continue;
    ++open[clock.kind()];
    CHECK(clock.is_running() == should_run(t, clock.kind()));
    CHECK_FALSE((t.status == ticket_status::resolved || t.status == ticket_status::closed));
    CHECK(clock.elapsed(now) <= now - clock.started_at());
  }
  for (const auto& [kind, count] : open) CHECK(count == 1);
  CHECK_FALSE((open[clock_kind::first_response] != 0 && open[clock_kind::next_response] != 0));
  bool ended = t.status == ticket_status::resolved || t.status == ticket_status::closed;
  CHECK(open[clock_kind::resolution] == (ended ? 0 : 1));
  CHECK(t.resolved_at.has_value() == ended);
  if (t.next_timer()) CHECK(t.is_live());
}

}  // namespace

TEST_CASE("rule 1: replay equals live, and every rule holds after each step of a random life", "[ticket][sla]") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    ticket_fixture f;
    f.create(static_cast<tier>(seed % 4), static_cast<priority>(seed % 3));
    for (int step = 0; step < 40; ++step) {
      f.now += draw_wait(random);
      auto command = draw(random);
      auto before = f.ticket->version;
      auto done = f.run(command, f.as(draw_role(random, command)));
      CAPTURE(seed, step);
      CHECK(f.ticket->version == before + (done && !done->events.empty() ? 1 : 0));
      check_rules(*f.ticket, f.now);
    }
    ticket replayed;
    for (const auto& [event, at] : f.history) apply(replayed, event, at);
    CAPTURE(seed);
    check_same(replayed, *f.ticket);
  }
}

TEST_CASE("rule 2: with timers or without, a random life leaves the same record", "[ticket][sla]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    ticket_fixture timed;
    timed.create(tier::enterprise, priority::high);
    ticket_fixture untimed = timed;
    for (int step = 0; step < 30; ++step) {
      auto next = timed.now + draw_wait(random);
      while (timed.ticket->next_timer() && *timed.ticket->next_timer() <= next) {
        timed.now = *timed.ticket->next_timer();
        REQUIRE_FALSE(timed.must(check_clocks{}, role::system).events.empty());
      }
      timed.now = untimed.now = next;
      auto command = draw(random);
      auto by = timed.as(draw_role(random, command));
      auto a = timed.run(command, by);
      auto b = untimed.run(command, by);
      if (!std::holds_alternative<check_clocks>(command)) CHECK(a.has_value() == b.has_value());
    }
    untimed.must(check_clocks{}, role::system);
    CAPTURE(seed);
    REQUIRE(timed.ticket->clocks.size() == untimed.ticket->clocks.size());
    for (std::size_t i = 0; i < timed.ticket->clocks.size(); ++i) {
      const auto& a = timed.ticket->clocks[i];
      const auto& b = untimed.ticket->clocks[i];
      CHECK(a.state(timed.now) == b.state(timed.now));
      CHECK(a.breached_at(timed.now) == b.breached_at(timed.now));
      CHECK(a.elapsed(timed.now) == b.elapsed(timed.now));
      CHECK(a.due_at() == b.due_at());
      CHECK(a.stopped_at() == b.stopped_at());
    }
  }
}

TEST_CASE("audit: details are a JSON object that names fields and quotes nothing that a customer wrote", "[ticket]") {
  ticket_fixture f;
  auto created = audit_details(f.create());
  CHECK(created.starts_with("{"));
  CHECK(created.find("seating chart") == std::string::npos);
  CHECK(created.find("yesterday") == std::string::npos);
  CHECK(created.find(R"("clock":"first_response")") != std::string::npos);
  update_ticket command;
  command.subject = "Secret words";
  command.priority = priority::low;
  auto details = audit_details(f.must(command, role::agent));
  CHECK(details.find("Secret") == std::string::npos);
  CHECK(details.find(R"("subject")") != std::string::npos);
  CHECK(details.find(R"("from":"high","to":"low")") != std::string::npos);
  CHECK(audit_details(f.customer_writes()).find("anybody") == std::string::npos);
}
