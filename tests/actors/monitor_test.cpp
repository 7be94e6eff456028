// The monitor's rounds, one at a time.
#include <catch2/catch_test_macros.hpp>
#include <future>

#include "actors/desk.hpp"
#include "fakes.hpp"

namespace {

using namespace usher;
using namespace std::chrono_literals;
using tests::eventually;

const domain::instant noon{domain::milliseconds{1'781'000'000'000}};

struct watched_desk {
  watched_desk() { desk.recover(store); }

  /// Runs one round to its end.
  void round() {
    auto before = desk.monitor().rounds();
    desk.watch_now();
    REQUIRE(eventually([&] { return desk.monitor().rounds() > before; }));
  }
  [[nodiscard]] std::size_t alerts(const std::string& kind) const {
    auto all = store.alerts();
    return static_cast<std::size_t>(std::ranges::count(all, kind, &store::alert_write::kind));
  }

  domain::ticket_ptr make() {
    domain::create_ticket command;
    command.organization = organization;
    command.subject = "The florist";
    command.body = "has not come";
    command.priority = domain::priority::high;
    std::promise<domain::result<outcome>> promise;
    desk.door().submit({std::nullopt,
                        command,
                        {"rosa", domain::role::requester, organization},
                        std::nullopt,
                        std::nullopt,
                        clock.steady_now() + 10s},
                       domain::completion<outcome>([&](auto result) { promise.set_value(std::move(result)); }));
    auto answer = promise.get_future().get();
    REQUIRE(answer.has_value());
    return answer->what.after;
  }

  domain::organization_id organization = domain::organization_id::generate();
  tests::manual_clock clock{noon};
  tests::memory_store store;
  metrics::desk_metrics metrics{"test", "none"};
  actors::desk desk{clock, store, store, metrics, {{}, 2, 1, false, nullptr}};
};

}  // namespace

TEST_CASE("a round of the monitor stores a snapshot and shows it") {
  watched_desk d;
  CHECK(d.desk.door().latest_snapshot() == nullptr);
  d.make();
  d.round();
  REQUIRE(d.store.snapshots().size() == 1);
  auto row = d.store.snapshots().front();
  CHECK(row.at == noon);
  CHECK(row.figures.find("\"open\":1,") != std::string::npos);
  CHECK(*d.desk.door().latest_snapshot() == domain::name_snapshot(row.id, row.at, row.figures));
  CHECK(d.desk.monitor().good_rounds() == 1);
}

TEST_CASE("the audit finds a ticket whose clocks nobody watches, repairs it, and tells of it once") {
  watched_desk d;
  auto t = d.make();
  // Another's ticket, as after a write behind the desk's back: stored, overdue, and without an actor.
  auto lost = std::make_shared<domain::ticket>(*t);
  lost->id = domain::ticket_id::generate();
  lost->number = 77;
  d.store.put(lost);
  d.clock.step(18h + 1min);  // the first level of a day's clock
  d.desk.advance_timers();
  REQUIRE(eventually([&] { return d.store.stored(t->id)->version > t->version; }));
  d.round();
  CHECK_FALSE(d.store.stored(lost->id)->escalations.empty());
  CHECK(d.alerts("audit_difference") == 1);
  CHECK(d.desk.monitor().good_rounds() == 0);
  CHECK(d.metrics.text().find("usher_sla_audit_differences_total 1\n") != std::string::npos);
  d.round();  // watched again
  CHECK(d.desk.monitor().good_rounds() == 1);
  CHECK(d.metrics.text().find("usher_sla_audit_differences_total 1\n") != std::string::npos);

  auto again = std::make_shared<domain::ticket>(*t);
  again->id = domain::ticket_id::generate();
  again->number = 78;
  d.store.put(again);
  d.round();
  CHECK(d.metrics.text().find("usher_sla_audit_differences_total 2\n") != std::string::npos);
  CHECK(d.alerts("audit_difference") == 1);  // of the same hour
}

TEST_CASE("a timer that only waits for its turn is no difference") {
  watched_desk d;
  auto t = d.make();
  d.clock.step(18h + 1min);
  d.desk.advance_timers();
  REQUIRE(eventually([&] { return d.store.stored(t->id)->version > t->version; }));
  d.round();
  CHECK(d.alerts("audit_difference") == 0);
  CHECK(d.desk.monitor().good_rounds() == 1);
}

TEST_CASE("rounds without a store are not good, and somebody is told when it stays so") {
  watched_desk d;
  d.store.set_reachable(false);
  d.round();
  d.store.set_reachable(true);
  CHECK(d.desk.monitor().good_rounds() == 0);
  CHECK(d.alerts("monitor_failing") == 0);
  d.round();
  CHECK(d.desk.monitor().good_rounds() == 1);
}

TEST_CASE("what was deleted thirty days ago is erased") {
  watched_desk d;
  auto t = d.make();
  auto gone = std::make_shared<domain::ticket>(*t);
  gone->id = domain::ticket_id::generate();
  gone->deleted_at = noon;
  d.store.put(gone);
  d.clock.step(std::chrono::days{30} - 1ms);
  d.round();
  CHECK(d.store.stored(gone->id) != nullptr);
  d.clock.step(1ms);
  d.round();
  CHECK(d.store.stored(gone->id) == nullptr);
  CHECK(d.store.stored(t->id) != nullptr);
}
