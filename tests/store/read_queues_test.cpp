// Reports keep nobody waiting.
#include <catch2/catch_test_macros.hpp>

#include <vector>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

TEST_CASE("store: while every report hangs, lists and what a change waits for are answered", "[store][list]") {
  scratch_server pg;
  store::read_pool reads(pg.reads());
  // Only reports read the scores: with the table locked, each of them hangs until the lock is gone.
  auto holder = store::connection::open(pg.as("postgres"), soon());
  REQUIRE(holder);
  REQUIRE(holder->script("BEGIN; LOCK TABLE usher.csat_responses IN ACCESS EXCLUSIVE MODE", soon()));

  domain::record_query report;
  report.kind = domain::record_kind::analytics;
  report.filters = {{"from", {"2026-01-01T00:00:00Z"}}, {"to", {"2026-01-03T00:00:00Z"}}};
  using page = domain::page<std::string>;
  std::vector<std::future<domain::result<page>>> reports;
  for (int i = 0; i < 10; ++i) {
    auto promise = std::make_shared<std::promise<domain::result<page>>>();
    reports.push_back(promise->get_future());
    reads.list_records(report, {}, soon(), domain::completion<page>([promise](domain::result<page> r) {
                         promise->set_value(std::move(r));
                       }));
  }

  CHECK(answer_of<store::ticket_id_page>([&](auto done) { reads.list_tickets({}, {}, soon(), std::move(done)); }));
  auto key = answer_of<store::idempotency_record>([&](auto done) {
    reads.find_idempotent(an_organization().id, "someone", "/somewhere", "k", noon(), soon(), std::move(done));
  });
  CHECK(key.error().code == domain::errc::not_found);
  for (auto& each : reports) CHECK(each.wait_for(0s) == std::future_status::timeout);

  REQUIRE(holder->script("ROLLBACK", soon()));
  for (auto& each : reports) {
    REQUIRE(each.wait_for(patience) == std::future_status::ready);
    CHECK(each.get());
  }
}
