// Two tickets become one (contract, section 4.4; sla-rules, rule 15).
#include "domain/ticket_merge.hpp"

#include "ticket_fixture.hpp"

using namespace usher::test;

namespace {

struct two_tickets {
  ticket_fixture first;
  ticket_fixture second;

  two_tickets() {
    second.organization = first.organization;
    first.create();
    first.now += 10min;
    second.now = first.now;
    second.create();
  }

  result<merged> merge_first(role by = role::agent) {
    return merge(first.ticket, second.ticket, message_id::generate(), first.context(first.as(by)));
  }
};

const sla_clock& first_response(const ticket_ptr& t) { return *t->latest(clock_kind::first_response); }

}  // namespace

TEST_CASE("rule 15: a merge keeps the survivor's earliest first-response start", "[merge]") {
  two_tickets t;
  auto started = first_response(t.first.ticket).started_at();
  auto both = t.merge_first();
  REQUIRE(both);
  const auto& clock = first_response(both->into.after);
  CHECK(both->into.after->clocks.size() == 2);
  CHECK(clock.started_at() == started);
  CHECK(clock.due_at() == started + clock.target());
  CHECK(clock.elapsed(t.first.now) == 10min);

  SECTION("and a replay of its events gives the same clock") {
    auto replayed = first_response(t.second.ticket);
    for (const auto& e : ticket_fixture::clock_events(both->into))
      if (e.kind == clock_kind::first_response) replayed.apply(e.event);
    CHECK(replayed == clock);
  }
  SECTION("a later one is left as it is") {
    auto other =
        merge(t.second.ticket, t.first.ticket, message_id::generate(), t.first.context(t.first.as(role::agent)));
    REQUIRE(other);
    CHECK(first_response(other->into.after).started_at() == started);
  }
}

TEST_CASE("rule 15: a merge cancels the merged ticket's clocks with the reason", "[merge]") {
  two_tickets t;
  auto both = t.merge_first();
  REQUIRE(both);
  const auto& gone = *both->from.after;
  CHECK(gone.status == ticket_status::closed);
  CHECK(gone.merged_into == t.second.ticket->id);
  for (const auto& clock : gone.clocks) CHECK(clock.is_cancelled());
  for (const auto& e : ticket_fixture::clock_events(both->from)) CHECK(e.event.reason == "merged into #1042");
  CHECK(gone.version == t.first.ticket->version + 1);
  CHECK(both->into.after->version == t.second.ticket->version + 1);
  REQUIRE(both->into.added_message() != nullptr);
  CHECK(both->into.added_message()->visible == visibility::internal);
  CHECK(both->into.added_message()->body.find("It was there yesterday.") != std::string::npos);
}

TEST_CASE("merge: a breach that the earlier start brings about is recorded at its deadline", "[merge]") {
  two_tickets t;
  auto started = first_response(t.first.ticket).started_at();
  t.first.now = started + 65min;  // high, ENTERPRISE: one hour
  t.second.now = t.first.now;
  auto both = t.merge_first();
  REQUIRE(both);
  CHECK(first_response(both->into.after).breached_at(t.first.now) == started + 60min);
  CHECK(first_response(both->into.after).breach_recorded());
}

TEST_CASE("merge: a customer who waits for the next word goes on waiting since then", "[merge]") {
  two_tickets t;
  t.first.staff_answers();
  t.first.now += 5min;
  t.first.customer_writes();
  auto since = t.first.now;
  t.second.now = t.first.now += 5min;
  t.second.staff_answers();
  auto both = t.merge_first();
  REQUIRE(both);
  const auto* next = both->into.after->latest(clock_kind::next_response);
  REQUIRE(next != nullptr);
  CHECK(next->is_running());
  CHECK(next->started_at() == since);
}

TEST_CASE("merge: what can't be merged is refused", "[merge]") {
  two_tickets t;
  auto why = [](const result<merged>& r) { return r ? errc::internal : r.error().code; };
  auto as_agent = t.first.context(t.first.as(role::agent));
  auto note = message_id::generate();
  CHECK(why(t.merge_first(role::requester)) == errc::forbidden);
  CHECK(why(merge(t.first.ticket, t.first.ticket, note, as_agent)) == errc::conflict);
  CHECK(why(merge(t.first.ticket, nullptr, note, as_agent)) == errc::invalid);
  auto both = t.merge_first();
  CHECK(why(merge(both->from.after, t.second.ticket, note, as_agent)) == errc::conflict);
  CHECK(why(merge(t.second.ticket, both->from.after, note, as_agent)) == errc::conflict);
  auto stale = as_agent;
  stale.expected_version = 7;
  CHECK(why(merge(t.first.ticket, t.second.ticket, note, stale)) == errc::version_mismatch);
  ticket_fixture stranger;
  stranger.create();
  CHECK(why(merge(t.first.ticket, stranger.ticket, note, as_agent)) == errc::invalid);
  auto narrowed = as_agent;
  narrowed.by.organization = stranger.organization;
  CHECK(why(merge(t.first.ticket, t.second.ticket, note, narrowed)) == errc::not_found);
}

TEST_CASE("merge: a merged ticket is not reopened", "[merge]") {
  two_tickets t;
  auto both = t.merge_first();
  update_ticket reopen;
  reopen.status = ticket_status::open;
  auto done = perform(both->from.after, reopen, t.first.context(t.first.as(role::agent)));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == errc::conflict);
}
