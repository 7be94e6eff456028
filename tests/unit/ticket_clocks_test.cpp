// The clocks through the life of a ticket (contract, section 4). ENTERPRISE, high: 1 h to answer, 8 h to resolve.
#include "tests/unit/ticket_fixture.hpp"

using namespace usher::test;

namespace {

constexpr auto first = clock_kind::first_response;
constexpr auto next = clock_kind::next_response;
constexpr auto resolution = clock_kind::resolution;

struct life : ticket_fixture {
  life() { create(); }
  void wait(milliseconds span) { now += span; }
  [[nodiscard]] clock_state state(clock_kind kind) const { return clock(kind).state(now); }
};

std::vector<clock_event_type> types(const change& what, clock_kind kind) {
  std::vector<clock_event_type> all;
  for (const auto& e : ticket_fixture::clock_events(what)) {
    if (e.kind == kind) all.push_back(e.event.type);
  }
  return all;
}

using ev = clock_event_type;
using list = std::vector<clock_event_type>;

}  // namespace

TEST_CASE("clocks: creation starts the first response and the resolution", "[ticket][sla]") {
  life t;
  CHECK(t.clock(first).started_at() == morning);
  CHECK(t.clock(first).target() == 1h);
  CHECK(t.clock(resolution).target() == 8h);
  CHECK(t.ticket->latest(next) == nullptr);
  CHECK(t.ticket->clocks.size() == 2);
  CHECK(t.ticket->due_at() == morning + 1h);
  CHECK(t.ticket->next_timer() == morning + 45min);  // 75 % of the first response
}

TEST_CASE("clocks: the first public reply by staff stops the first response", "[ticket][sla]") {
  life t;
  t.wait(10min);
  auto done = t.staff_answers();
  CHECK(types(done, first) == list{ev::stop});
  CHECK(types(done, resolution).empty());
  CHECK(t.state(first) == clock_state::met);
  CHECK(t.clock(first).elapsed(t.now) == 10min);
  CHECK(t.ticket->status == ticket_status::open);
  t.wait(1min);
  CHECK(ticket_fixture::clock_events(t.staff_answers()).empty());
}

TEST_CASE("rule 9: internal notes, automatic replies and the customer's own words don't stop clocks", "[ticket][sla]") {
  life t;
  t.wait(10min);
  CHECK(ticket_fixture::clock_events(t.staff_notes()).empty());
  CHECK(ticket_fixture::clock_events(t.staff_answers(true)).empty());
  CHECK(ticket_fixture::clock_events(t.customer_writes()).empty());
  CHECK(ticket_fixture::clock_events(t.customer_writes(true)).empty());
  CHECK(t.state(first) == clock_state::running);
}

TEST_CASE("rule 8: next_response starts at the oldest unanswered customer message", "[ticket][sla]") {
  life t;
  t.wait(5min);
  t.customer_writes();
  CHECK(t.ticket->latest(next) == nullptr);  // the first reply is still owed
  t.wait(5min);
  t.staff_answers();
  CHECK(t.ticket->latest(next) == nullptr);
  t.wait(5min);
  auto asked = t.now;
  CHECK(types(t.customer_writes(), next) == list{ev::start});
  t.wait(20min);
  CHECK(types(t.customer_writes(), next).empty());
  CHECK(t.clock(next).started_at() == asked);
  CHECK(t.clock(next).due_at() == asked + 1h);
  t.wait(20min);
  CHECK(types(t.staff_answers(), next) == list{ev::stop});
  CHECK(t.state(next) == clock_state::met);
  CHECK(t.clock(next).elapsed(t.now) == 40min);
}

TEST_CASE("rule 8: each exchange is a new cycle of next_response", "[ticket][sla]") {
  life t;
  t.wait(1min);
  t.staff_answers();
  for (int cycle = 1; cycle <= 3; ++cycle) {
    t.wait(1min);
    t.customer_writes();
    CHECK(t.clock(next).cycle() == cycle);
    t.wait(1min);
    t.staff_answers();
  }
  CHECK(t.ticket->clocks.size() == 5);
}

TEST_CASE("rule 8: resolving stops the response clocks at that instant", "[ticket][sla]") {
  life unanswered;
  unanswered.wait(30min);
  unanswered.set_status(ticket_status::resolved);
  CHECK(unanswered.clock(first).stopped_at() == unanswered.now);
  CHECK(unanswered.state(first) == clock_state::met);

  life t;
  t.wait(1min);
  t.staff_answers();
  t.wait(1min);
  t.customer_writes();
  t.wait(1min);
  auto done = t.set_status(ticket_status::resolved);
  CHECK(types(done, next) == list{ev::stop});
  CHECK(types(done, resolution) == list{ev::stop});
  for (const auto& clock : t.ticket->clocks) CHECK_FALSE(clock.is_open());
  CHECK_FALSE(t.ticket->due_at());
  CHECK_FALSE(t.ticket->next_timer());
}

TEST_CASE("clocks: closing an open ticket stops them all", "[ticket][sla]") {
  life t;
  t.wait(30min);
  t.set_status(ticket_status::closed, role::requester);
  for (const auto& clock : t.ticket->clocks) {
    CHECK_FALSE(clock.is_open());
    CHECK(clock.state(t.now) == clock_state::met);
  }
}

TEST_CASE("clocks: pending pauses next_response and resolution, never the first response", "[ticket][sla]") {
  life t;
  t.wait(10min);
  t.set_status(ticket_status::pending);
  CHECK(t.state(first) == clock_state::running);
  CHECK(t.state(resolution) == clock_state::paused);

  life answered;
  answered.staff_answers();
  answered.wait(1min);
  answered.customer_writes();
  answered.wait(1min);
  auto done = answered.set_status(ticket_status::pending);
  CHECK(types(done, next) == list{ev::pause});
  CHECK(types(done, resolution) == list{ev::pause});
  answered.wait(5h);
  CHECK(answered.clock(next).elapsed(answered.now) == 1min);
  done = answered.set_status(ticket_status::open);
  CHECK(types(done, next) == list{ev::resume});
  CHECK(types(done, resolution) == list{ev::resume});
  CHECK(answered.clock(resolution).due_at() == morning + 8h + 5h);
}

TEST_CASE("clocks: on_hold pauses the resolution only", "[ticket][sla]") {
  life t;
  t.staff_answers();
  t.wait(1min);
  t.customer_writes();
  t.set_status(ticket_status::on_hold);
  CHECK(t.state(next) == clock_state::running);
  CHECK(t.state(resolution) == clock_state::paused);
  t.wait(1min);
  auto done = t.set_status(ticket_status::pending);
  CHECK(types(done, next) == list{ev::pause});
  CHECK(types(done, resolution).empty());
  t.wait(1min);
  done = t.set_status(ticket_status::on_hold);
  CHECK(types(done, next) == list{ev::resume});
  CHECK(types(done, resolution).empty());
}

TEST_CASE("clocks: a customer's message reopens what is pending, and resumes its clocks", "[ticket][sla]") {
  life t;
  t.staff_answers();
  t.wait(10min);
  t.set_status(ticket_status::pending);
  t.wait(3h);
  auto done = t.customer_writes();
  CHECK(t.ticket->status == ticket_status::open);
  CHECK(t.ticket->reopened == 0);
  CHECK(types(done, resolution) == list{ev::resume});
  CHECK(types(done, next) == list{ev::start});
  CHECK(t.clock(next).started_at() == t.now);
  CHECK(t.clock(resolution).elapsed(t.now) == 10min);

  t.set_status(ticket_status::on_hold);
  t.wait(1min);
  t.customer_writes();
  CHECK(t.ticket->status == ticket_status::on_hold);
}

TEST_CASE("clocks: an automatic message of the customer's reopens nothing", "[ticket][sla]") {
  life t;
  t.set_status(ticket_status::pending);
  t.customer_writes(true);
  CHECK(t.ticket->status == ticket_status::pending);
}

TEST_CASE("rule 7: reopening opens cycle n+1 of the resolution", "[ticket][sla]") {
  life t;
  t.wait(1h);
  t.set_status(ticket_status::resolved);
  t.wait(1h);
  auto done = t.customer_writes();
  CHECK(t.ticket->status == ticket_status::open);
  CHECK(t.ticket->reopened == 1);
  CHECK_FALSE(t.ticket->resolved_at);
  CHECK(types(done, resolution) == list{ev::start});
  CHECK(t.clock(resolution).cycle() == 2);
  CHECK(t.clock(resolution).started_at() == t.now);
  CHECK(t.clock(resolution).target() == 8h);
  CHECK(types(done, next) == list{ev::start});
  CHECK(types(done, first).empty());

  t.set_status(ticket_status::closed);
  t.wait(1h);
  t.set_status(ticket_status::open, role::agent);
  CHECK(t.clock(resolution).cycle() == 3);
  // Every cycle stays for the reports.
  int cycles = 0;
  for (const auto& clock : t.ticket->clocks) cycles += clock.kind() == resolution ? 1 : 0;
  CHECK(cycles == 3);
}

TEST_CASE("rule 3: a late stop writes the breach in the same list, before the stop", "[ticket][sla]") {
  life t;
  t.wait(1h + 1ms);
  auto done = t.staff_answers();
  CHECK(types(done, first) == list{ev::breach, ev::stop});
  auto events = ticket_fixture::clock_events(done);
  CHECK(events.at(0).event.at == morning + 1h);
  CHECK(events.at(0).event.detected_at == t.now);
  CHECK(t.state(first) == clock_state::breached);
}

TEST_CASE("rule 4: an answer on the deadline is in time", "[ticket][sla]") {
  life t;
  t.wait(1h);
  CHECK(types(t.staff_answers(), first) == list{ev::stop});
  CHECK(t.state(first) == clock_state::met);
}

TEST_CASE("rule 2: the timer's check writes the deadline, and does it once", "[ticket][sla]") {
  life t;
  t.now = morning + 1h;
  CHECK(types(t.must(check_clocks{}, role::system), first).empty());
  CHECK(t.ticket->next_timer() == morning + 1h + 1ms);
  t.now += 1ms;
  auto done = t.must(check_clocks{}, role::system);
  CHECK(types(done, first) == list{ev::breach});
  CHECK(audit_action(done) == "sla.breached");
  CHECK(t.clock(first).breached_at(t.now) == morning + 1h);
  CHECK(t.clock(first).is_running());
  CHECK(t.must(check_clocks{}, role::system).events.empty());
  t.wait(20h);
  CHECK(types(t.must(check_clocks{}, role::system), resolution) == list{ev::breach});
  CHECK_FALSE(t.ticket->next_timer());
}

TEST_CASE("rule 3: any change past a deadline records it, in the order of the clocks", "[ticket][sla]") {
  life t;
  t.wait(9h);
  auto done = t.set_status(ticket_status::pending);
  CHECK(types(done, first) == list{ev::breach});
  CHECK(types(done, resolution) == list{ev::breach, ev::pause});
  CHECK(t.clock(resolution).breached_at(t.now) == morning + 8h);
}

TEST_CASE("clocks: a change of priority retargets what is open", "[ticket][sla]") {
  life t;
  t.wait(10min);
  auto done = t.set_priority(priority::critical);
  CHECK(types(done, first) == list{ev::retarget});
  CHECK(types(done, resolution) == list{ev::retarget});
  CHECK(t.clock(first).due_at() == morning + 30min);
  CHECK(t.clock(resolution).due_at() == morning + 4h);
  CHECK_FALSE(ticket_fixture::clock_events(done).at(0).event.reason.empty());
  CHECK(t.clock(first).elapsed(t.now) == 10min);
}

TEST_CASE("rule 5: a new target that is used up already is breached when it ran out", "[ticket][sla]") {
  life t;
  t.wait(45min);
  auto done = t.set_priority(priority::critical);
  CHECK(types(done, first) == list{ev::retarget, ev::breach});
  CHECK(t.clock(first).breached_at(t.now) == morning + 30min);
  CHECK(t.clock(first).detected_at() == t.now);
  t.wait(1min);
  t.set_priority(priority::low);
  CHECK(t.clock(first).breached_at(t.now) == morning + 30min);
}

TEST_CASE("rule 5: pauses are part of when a used-up target ran out", "[ticket][sla]") {
  life t;
  t.wait(1h);
  t.set_status(ticket_status::on_hold);
  t.wait(2h);
  t.set_status(ticket_status::open);
  t.wait(4h);  // five hours counted
  t.set_priority(priority::critical);
  CHECK(t.clock(resolution).breached_at(t.now) == morning + 4h + 2h);
}

TEST_CASE("rule 6: a target that disappears cancels its clock with a reason", "[ticket][sla]") {
  life t;
  t.set_targets(tier::enterprise, priority::low, {std::nullopt, std::nullopt, 24h});
  t.wait(10min);
  auto done = t.set_priority(priority::low);
  CHECK(types(done, first) == list{ev::cancel});
  CHECK(types(done, resolution) == list{ev::retarget});
  CHECK(t.state(first) == clock_state::cancelled);
  for (const auto& e : ticket_fixture::clock_events(done)) CHECK_FALSE(e.event.reason.empty());
}

TEST_CASE("clocks: an edited policy does not reach running clocks by itself", "[ticket][sla]") {
  life t;
  t.set_targets(tier::enterprise, priority::high, {1min, 1min, 1min});
  t.wait(2min);
  CHECK(t.must(check_clocks{}, role::system).events.empty());
  t.staff_answers();
  CHECK(t.state(first) == clock_state::met);
  t.customer_writes();
  CHECK(t.clock(next).target() == 1min);
}

TEST_CASE("clocks: deletion pauses, restoring resumes", "[ticket][sla]") {
  life t;
  t.wait(10min);
  auto done = t.must(delete_ticket{}, role::manager);
  CHECK(audit_action(done) == "ticket.deleted");
  CHECK(types(done, first) == list{ev::pause});
  CHECK(types(done, resolution) == list{ev::pause});
  CHECK(t.ticket->deleted_at == t.now);
  CHECK_FALSE(t.ticket->next_timer());
  t.wait(24h);
  CHECK(t.must(check_clocks{}, role::system).events.empty());
  done = t.must(restore_ticket{}, role::manager);
  CHECK(audit_action(done) == "ticket.restored");
  CHECK(types(done, first) == list{ev::resume});
  CHECK(t.clock(first).due_at() == morning + 25h);
  CHECK(t.clock(resolution).due_at() == morning + 32h);
}

TEST_CASE("clocks: a restored ticket on hold stays paused", "[ticket][sla]") {
  life t;
  t.set_status(ticket_status::on_hold);
  t.must(delete_ticket{}, role::admin);
  t.wait(1h);
  t.must(restore_ticket{}, role::admin);
  CHECK(t.state(first) == clock_state::running);
  CHECK(t.state(resolution) == clock_state::paused);
}
