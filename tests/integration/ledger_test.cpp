// The checker of the fault tests has to notice what it is there for.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/ledger_check.hpp"

using namespace usher::test;

namespace {

bool mentions(const std::vector<std::string>& all, std::string_view words) {
  return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("ledger: every kind of damage is noticed") {
  desk d;
  load busy(d, 4, 3);
  REQUIRE(busy.wait_for_progress(150, std::chrono::seconds{30}));
  auto ledger = busy.finish();
  REQUIRE(differences(d, ledger) == std::vector<std::string>{});
  auto with_messages = std::find_if(ledger.tickets.begin(), ledger.tickets.end(),
                                    [](const auto& t) { return !t.messages.empty() && t.steps > 0; });
  REQUIRE(with_messages != ledger.tickets.end());
  const auto& id = with_messages->id;
  auto database = d.database();
  // Superusers pass row-level security by; what is broken is mended again, so that each damage stands alone.
  auto broken = [&](const std::string& damage, std::string_view words) {
    database->run("create table keep as select * from usher." + damage.substr(0, damage.find('|')));
    auto table = damage.substr(0, damage.find('|'));
    database->run(damage.substr(damage.find('|') + 1));
    CAPTURE(damage);
    CHECK(mentions(differences(d, ledger), words));
    database->run("delete from usher." + table + "; insert into usher." + table +
                  " select * from keep; drop table keep");
    CHECK(differences(d, ledger).empty());
  };
  auto of_ticket = " where ticket_id = '" + id + "'";
  broken("ticket_messages|delete from usher.ticket_messages" + of_ticket, "a message is lost");
  broken("audit_log|delete from usher.audit_log" + of_ticket + " and version = 1", "audit trail");
  broken("audit_log|update usher.audit_log set version = version + 1" + of_ticket, "audit trail");
  broken("support_sla_events|update usher.support_sla_events set target_ms = target_ms + 1" + of_ticket,
         "the events don't give the clock");
  broken("support_sla_events|delete from usher.support_sla_events" + of_ticket, "another number of clocks");

  auto forged = ledger;
  forged.tickets.push_back({"0197a000-0000-7000-8000-0000000000ff", "never", org_a, {}, {}, 0, false});
  CHECK(mentions(differences(d, forged), "lost, 404"));
  forged = ledger;
  ++forged.tickets.front().steps;
  CHECK(mentions(differences(d, forged), "another last update"));
  forged = ledger;
  forged.tickets.front().due_at["resolution"] = "2026-01-01T00:00:00.000Z";
  CHECK(mentions(differences(d, forged), "a deadline moved"));
  forged = ledger;
  forged.tickets.pop_back();
  CHECK(mentions(differences(d, forged), "tickets are stored"));
}
