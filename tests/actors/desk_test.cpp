#include "actors/desk.hpp"

#include <catch2/catch_test_macros.hpp>
#include <future>
#include <optional>

#include "fakes.hpp"

namespace {

using namespace usher;
using domain::errc;
using domain::milliseconds;
using namespace std::chrono_literals;

const domain::instant noon{milliseconds{1'781'000'000'000}};

/// A desk on a clock and a store of the test's own.
struct desk_fixture {
  explicit desk_fixture(actors::fault_hook fault = nullptr) : desk_fixture(actors::desk_limits{}, std::move(fault)) {}
  explicit desk_fixture(actors::desk_limits limits, actors::fault_hook fault = nullptr)
      : desk(clock, store, store, metrics, {limits, 2, 1, false, std::move(fault)}) {}

  void open() { desk.recover(store); }

  /// Submits, and waits for the answer.
  domain::result<outcome> ask(submission what) { return start(std::move(what)).get(); }

  std::future<domain::result<outcome>> start(submission what) {
    auto promise = std::make_shared<std::promise<domain::result<outcome>>>();
    auto answer = promise->get_future();
    if (what.deadline == std::chrono::steady_clock::time_point{}) what.deadline = clock.steady_now() + 10s;
    desk.door().submit(std::move(what), domain::completion<outcome>([promise](domain::result<outcome> result) {
                         promise->set_value(std::move(result));
                       }));
    return answer;
  }

  submission create(std::optional<domain::priority> priority = std::nullopt) {
    domain::create_ticket command;
    command.organization = organization;
    command.subject = "The florist";
    command.body = "has not come";
    command.priority = priority;
    return {std::nullopt, command, customer(), std::nullopt, std::nullopt, {}};
  }
  domain::ticket_ptr created(std::optional<domain::priority> priority = std::nullopt) {
    auto answer = ask(create(priority));
    REQUIRE(answer.has_value());
    return answer->what.after;
  }
  submission set_status(const domain::ticket_ptr& t, domain::ticket_status status) {
    domain::update_ticket command;
    command.status = status;
    return {t->id, command, agent(), std::nullopt, std::nullopt, {}};
  }
  submission set_subject(const domain::ticket_ptr& t, std::string subject) {
    domain::update_ticket command;
    command.subject = std::move(subject);
    return {t->id, command, agent(), std::nullopt, std::nullopt, {}};
  }
  domain::result<domain::ticket_ptr> get(domain::ticket_id id, const domain::caller& by = agent()) {
    std::promise<domain::result<domain::ticket_ptr>> promise;
    desk.door().get(id, by, domain::completion<domain::ticket_ptr>([&](domain::result<domain::ticket_ptr> t) {
                      promise.set_value(std::move(t));
                    }));
    return promise.get_future().get();
  }
  [[nodiscard]] domain::caller customer() const { return {"rosa", domain::role::requester, organization}; }
  static domain::caller agent() { return {"sam", domain::role::agent, std::nullopt}; }
  bool metric_is(const std::string& line) { return metrics.text().find(line + "\n") != std::string::npos; }

  domain::organization_id organization = domain::organization_id::generate();
  tests::manual_clock clock{noon};
  tests::memory_store store;
  metrics::desk_metrics metrics{"test", "none"};
  actors::desk desk;
};

}  // namespace

TEST_CASE("a created ticket is committed before it is answered, and read from its actor") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  CHECK(f.store.stored(t->id) == t);
  CHECK(t->version == 1);
  CHECK(t->number == 1);
  auto loads = f.store.loads();
  CHECK(f.get(t->id).value() == t);
  CHECK(f.store.loads() == loads);
  CHECK(f.metric_is(R"(usher_actors_live{kind="ticket"} 1)"));
  CHECK(f.metric_is(R"(usher_tickets_open{priority="low",tier="FREE"} 1)"));
}

TEST_CASE("another organization's live ticket costs the same look into the store as one that nobody has") {
  desk_fixture f;
  f.open();
  auto theirs = f.created();
  f.organization = domain::organization_id::generate();
  auto reply = f.set_subject(theirs, "Mine now?");
  reply.by = f.customer();
  for (const auto& id : {theirs->id, domain::ticket_id::generate()}) {
    const auto loads = f.store.loads();
    CHECK(f.get(id, f.customer()).error().code == errc::not_found);
    CHECK(f.store.loads() == loads + 1);
    reply.id = id;
    CHECK(f.ask(reply).error().code == errc::not_found);
    CHECK(f.store.loads() == loads + 2);
  }
  CHECK(f.store.stored(theirs->id)->version == 1);
}

TEST_CASE("a ticket's mailbox serialises its changes: a hundred at once make a hundred versions") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  std::vector<std::future<domain::result<outcome>>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(f.start(f.set_subject(t, "subject " + std::to_string(i))));
  std::vector<std::int64_t> versions;
  for (auto& answer : answers) versions.push_back(answer.get().value().what.after->version);
  std::sort(versions.begin(), versions.end());
  for (std::int64_t i = 0; i < 100; ++i) CHECK(versions[static_cast<std::size_t>(i)] == i + 2);
  CHECK(f.store.stored(t->id)->version == 101);
}

TEST_CASE("while a change is being committed a ticket decides nothing else") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  f.store.hold();
  auto first = f.start(f.set_subject(t, "first"));
  auto second = f.start(f.set_subject(t, "second"));
  REQUIRE(tests::eventually([&] { return f.store.held() == 1; }));
  CHECK(f.get(t->id).value()->version == 1);
  f.store.release();
  CHECK(first.get()->what.after->version == 2);
  CHECK(second.get()->what.after->version == 3);
}

TEST_CASE("a change that the store refuses leaves the ticket as it was") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  f.store.fail_next(errc::rejected_by_store, 2);
  CHECK(f.ask(f.set_subject(t, "a")).error().code == errc::rejected_by_store);
  CHECK(f.ask(f.set_subject(t, "b")).error().code == errc::rejected_by_store);
  auto third = f.ask(f.set_subject(t, "c"));
  CHECK(third.value().what.after->version == 2);
  CHECK(third.value().what.after->subject == "c");
}

TEST_CASE("a creation that the store refuses leaves no actor behind") {
  desk_fixture f;
  f.open();
  auto kept = f.created();
  f.store.fail_next(errc::rejected_by_store);
  CHECK(f.ask(f.create()).error().code == errc::rejected_by_store);
  CHECK(tests::eventually([&] { return f.metric_is(R"(usher_actors_live{kind="ticket"} 1)"); }));
}

TEST_CASE("a deadline that passes is recorded at the deadline, and its timer armed once") {
  desk_fixture f;
  f.open();
  auto t = f.created(domain::priority::critical);  // FREE, critical: 24 h and 72 h
  CHECK(f.desk.timers_armed() == 1);
  auto breached = [&] { return f.store.stored(t->id)->latest(domain::clock_kind::first_response)->breach_recorded(); };
  // The levels below 100 % are told then; a deadline that is reached is not past.
  f.clock.step(24h);
  f.desk.advance_timers();
  REQUIRE(tests::eventually([&] { return f.store.changes().size() >= 2; }));
  CHECK_FALSE(breached());
  f.clock.step(5s);
  REQUIRE(tests::eventually([&] {
    f.desk.advance_timers();
    return breached();
  }));
  auto stored = f.store.stored(t->id);
  const auto* clock = stored->latest(domain::clock_kind::first_response);
  CHECK(clock->breached_at(f.clock.now()) == noon + 24h);
  CHECK(clock->detected_at() == f.clock.now());
  CHECK(tests::eventually([&] { return f.desk.timers_armed() == 1; }));
  CHECK(tests::eventually([&] {
    return f.metric_is(R"(usher_sla_breaches_total{clock="first_response",priority="critical",tier="FREE"} 1)");
  }));
}

TEST_CASE("a deadline's change that the store does not take is tried again until it does") {
  desk_fixture f;
  f.open();
  auto t = f.created(domain::priority::critical);
  f.store.fail_next(errc::overloaded, 2);
  f.clock.step(24h + 1s);
  REQUIRE(tests::eventually([&] {
    f.clock.step(300ms);
    f.desk.advance_timers();
    return f.store.changes().size() == 2;
  }));
  CHECK(f.store.stored(t->id)->latest(domain::clock_kind::first_response)->breach_recorded());
}

TEST_CASE("a closed ticket is passivated, answers from the store, and comes back when staff reopen it") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  REQUIRE(f.ask(f.set_status(t, domain::ticket_status::closed)).has_value());
  REQUIRE(tests::eventually([&] { return f.metric_is(R"(usher_actors_live{kind="ticket"} 0)"); }));
  CHECK(f.desk.timers_armed() == 0);
  auto loads = f.store.loads();
  CHECK(f.get(t->id).value()->status == domain::ticket_status::closed);
  CHECK(f.store.loads() == loads + 1);
  auto reopened = f.ask(f.set_status(t, domain::ticket_status::open));
  REQUIRE(reopened.has_value());
  CHECK(reopened->what.after->latest(domain::clock_kind::resolution)->cycle() == 2);
  CHECK(f.desk.timers_armed() == 1);
}

TEST_CASE("requests that meet a leaving ticket are answered, in whatever order they come") {
  desk_fixture f;
  f.open();
  for (int round = 0; round < 50; ++round) {
    auto t = f.created();
    auto closed = f.start(f.set_status(t, domain::ticket_status::closed));
    auto reopened = f.start(f.set_status(t, domain::ticket_status::open));
    auto renamed = f.start(f.set_subject(t, "renamed"));
    CHECK(closed.get().has_value());
    CHECK(reopened.get().has_value());
    CHECK(renamed.get()->what.after->version == 4);
  }
}

TEST_CASE("a ticket that crashes is restarted from the store by its shard") {
  std::atomic<int> crashes{0};
  desk_fixture f([&](domain::ticket_id, const domain::ticket_command& command) {
    const auto* update = std::get_if<domain::update_ticket>(&command);
    if (update != nullptr && update->subject == "crash") {
      ++crashes;
      throw std::runtime_error("injected");
    }
  });
  f.open();
  auto t = f.created();
  CHECK(f.ask(f.set_subject(t, "crash")).error().code == errc::unavailable);
  // What reaches the actor between its crash and its restart is answered `unavailable` too.
  REQUIRE(tests::eventually([&] { return f.ask(f.set_subject(t, "works")).has_value(); }));
  CHECK(f.store.stored(t->id)->version == 2);
  CHECK(crashes == 1);
  CHECK(f.metric_is(R"(usher_actor_restarts_total{kind="ticket"} 1)"));
  CHECK(tests::eventually([&] { return f.desk.timers_armed() == 1; }));
}

TEST_CASE("a ticket that crashes past its budget is quarantined with an alert, and still readable") {
  desk_fixture f([](domain::ticket_id, const domain::ticket_command& command) {
    if (std::holds_alternative<domain::update_ticket>(command)) throw std::runtime_error("injected");
  });
  f.open();
  auto t = f.created();
  auto neighbour = f.created();
  REQUIRE(tests::eventually([&] { return f.ask(f.set_subject(t, "crash")).error().code == errc::quarantined; }));
  CHECK(f.metric_is(R"(usher_actor_restarts_total{kind="ticket"} 3)"));
  REQUIRE(f.store.alerts().size() == 1);
  CHECK(f.store.alerts().front().ticket == t->id);
  CHECK(f.store.alerts().front().kind == "ticket_quarantined");
  CHECK(f.ask(f.set_subject(t, "again")).error().code == errc::quarantined);
  CHECK(f.get(t->id).value()->version == 1);
  CHECK(f.get(neighbour->id).has_value());
}

TEST_CASE("crashes that are far apart do not add up to a quarantine") {
  desk_fixture f([](domain::ticket_id, const domain::ticket_command& command) {
    if (std::holds_alternative<domain::update_ticket>(command)) throw std::runtime_error("injected");
  });
  f.open();
  auto t = f.created();
  for (int i = 1; i <= 10; ++i) {
    CHECK(f.ask(f.set_subject(t, "crash")).error().code == errc::unavailable);
    REQUIRE(tests::eventually(
        [&] { return f.metric_is("usher_actor_restarts_total{kind=\"ticket\"} " + std::to_string(i)); }));
    REQUIRE(tests::eventually([&] { return f.desk.timers_armed() == 1; }));
    f.clock.step(31s);
  }
  CHECK(f.store.alerts().empty());
}

TEST_CASE("a ticket whose state is stale starts anew from the store") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  auto newer = std::make_shared<domain::ticket>(*t);
  newer->version = 7;
  f.store.put(newer);
  CHECK(f.ask(f.set_subject(t, "x")).error().code == errc::unavailable);
  REQUIRE(tests::eventually([&] { return f.ask(f.set_subject(t, "y")).has_value(); }));
  CHECK(f.store.stored(t->id)->version == 8);
}

TEST_CASE("recovery arms every live ticket and records what fell due before it serves") {
  desk_fixture first;
  first.open();
  auto early = first.created(domain::priority::critical);
  auto late = first.created(domain::priority::low);

  desk_fixture second;
  second.store.put(first.store.stored(early->id));
  second.store.put(first.store.stored(late->id));
  second.clock.step(25h);
  CHECK(second.ask(second.create()).error().code == errc::unavailable);
  CHECK_FALSE(second.desk.door().health().ready());
  second.open();
  CHECK(second.desk.door().health().ready());
  CHECK(second.desk.door().health().tickets_loaded == 2);
  auto recorded = second.store.stored(early->id);
  CHECK(recorded->latest(domain::clock_kind::first_response)->breached_at(second.clock.now()) == noon + 24h);
  CHECK(second.desk.timers_armed() == 2);
  CHECK(second.created()->number == late->number + 1);
  CHECK(second.metric_is(R"(usher_tickets_open{priority="critical",tier="FREE"} 1)"));
}

TEST_CASE("a request that nobody answers is told so at its deadline, and its change still ends well") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  f.store.hold();
  auto answer = f.start(f.set_subject(t, "slow"));
  REQUIRE(tests::eventually([&] { return f.store.held() == 1; }));
  f.clock.step(11s);
  f.desk.sweep_deadlines();
  CHECK(answer.get().error().code == errc::timed_out);
  f.store.release();
  CHECK(tests::eventually([&] { return f.get(t->id).value()->subject == "slow"; }));
}

TEST_CASE("more than the desk can hold is refused at once") {
  desk_fixture f(actors::desk_limits{.in_flight_max = 10});
  f.open();
  auto t = f.created();
  f.store.hold();
  std::vector<std::future<domain::result<outcome>>> answers;
  for (int i = 0; i < 11; ++i) answers.push_back(f.start(f.set_subject(t, std::to_string(i))));
  CHECK(answers.back().get().error().code == errc::overloaded);
  f.store.release();
  answers.pop_back();
  for (auto& answer : answers) CHECK(answer.get().has_value());
}

TEST_CASE("an idempotency key gives the first answer again, tells a second body apart, and is held while in flight") {
  desk_fixture f;
  f.open();
  auto keyed = [&](const std::string& fingerprint) {
    auto what = f.create();
    what.idempotency =
        idempotency{f.organization, "rosa", "/api/support/tickets", "k", fingerprint, [](const domain::change& c) {
                      return stored_answer{201, "body", c.after->id, c.after->version};
                    }};
    return what;
  };
  REQUIRE(f.ask(f.create()).has_value());  // makes the organization
  f.store.hold();
  auto first = f.start(keyed("one"));
  REQUIRE(tests::eventually([&] { return f.store.held() == 1; }));
  CHECK(f.ask(keyed("one")).error().code == errc::idempotency_in_flight);
  f.store.release();
  auto made = first.get();
  REQUIRE(made.has_value());
  auto again = f.ask(keyed("one"));  // at once: the answer gave the key back
  REQUIRE(again.has_value());
  REQUIRE(again->replayed.has_value());
  CHECK(again->replayed->ticket == made->what.after->id);
  CHECK(f.ask(keyed("two")).error().code == errc::idempotency_key_reused);
}

TEST_CASE("a desk without its store refuses writes at once and serves again when the store is back") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  f.store.set_reachable(false);
  CHECK(f.ask(f.set_subject(t, "x")).error().code == errc::unavailable);
  CHECK(f.get(t->id).has_value());
  f.store.set_reachable(true);
  CHECK(f.ask(f.set_subject(t, "x")).has_value());
}

TEST_CASE("a drain answers what was begun, takes nothing new, and leaves no actor") {
  desk_fixture f;
  f.open();
  auto t = f.created();
  f.store.hold();
  auto answer = f.start(f.set_subject(t, "last"));
  REQUIRE(tests::eventually([&] { return f.store.held() == 1; }));
  auto drained = std::async(std::launch::async, [&] { return f.desk.drain(5000ms); });
  REQUIRE(tests::eventually([&] { return f.desk.door().health().draining; }));
  CHECK(f.ask(f.create()).error().code == errc::shutting_down);
  f.store.release();
  CHECK(answer.get().has_value());
  CHECK(drained.get());
  CHECK(f.metric_is(R"(usher_actors_live{kind="ticket"} 0)"));
}
