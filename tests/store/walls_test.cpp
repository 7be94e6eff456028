// The walls from below: what a login of the server sees of each relation before it has said who asks, what the
// catalogue says of views and functions, and connections that are used again after errors, timeouts and cancels.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

/// What belongs to the desk as a whole and holds no customer's rows: a role that is granted it sees it without further
/// ado. A table that is neither here nor guarded fails the test.
const std::set<std::string> of_the_desk{"usher.audit_seal",
                                        "usher.analytics_days",
                                        "usher.analytics_rolled",
                                        "usher.freeze_days",
                                        "usher.schema_migrations",
                                        "usher.sla_calendars",
                                        "usher.sla_monitoring_snapshots",
                                        "usher.sla_policy_snapshots",
                                        "usher.support_agents",
                                        "usher.support_categories",
                                        "usher.support_escalation_rules",
                                        "usher.support_kb_articles",
                                        "usher.support_sla_configs",
                                        "usher.ticket_classification_patterns",
                                        "usher.macros",
                                        "usher.retention_rules",
                                        "usher.writer_lanes"};

constexpr const char* relations =
    "SELECT c.oid::regclass::text, c.relkind::text, (c.relrowsecurity AND c.relforcerowsecurity)::int::int8, "
    "coalesce('security_invoker=true' = ANY (c.reloptions), false)::int::int8 FROM pg_class c "
    "WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1";

constexpr const char* logins =
    "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'usher\\_%' AND rolcanlogin ORDER BY 1";

struct world {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  domain::organization_id a = add_organization(lanes);
  domain::organization_id b = add_organization(lanes);

  world() {
    for (std::int64_t number = 1; number <= 20; ++number)
      commit(lanes, created({number % 2 == 0 ? a : b, number})).value();
    pg.ask(
        "INSERT INTO usher.outbox (id, organization_id, event, channel, recipient, payload, created_at, "
        "next_attempt_at) VALUES "
        "(gen_random_uuid(), '" +
        to_string(a) + "', 'ticket.created', 'log', '', '{}', now(), now())");
  }

  store::sql_result<store::rows> as(const std::string& role, const std::string& sql) {
    auto opened = store::connection::open({pg.server().conninfo(role), {}}, soon());
    if (!opened) return std::unexpected(opened.error());
    return opened->query(sql, {}, soon());
  }
};

}  // namespace

TEST_CASE("store: every relation is guarded, or is known to hold no customer's rows", "[store][tenancy]") {
  scratch_server pg;
  const auto all = pg.ask(relations);
  REQUIRE(all.size() > 25);
  std::set<std::string> seen;
  for (int i = 0; i < all.size(); ++i) {
    const auto name = all.text(i, 0);
    CAPTURE(name);
    seen.insert(name);
    if (all.text(i, 1) == "v")
      CHECK(all.int8(i, 3) == 1);
    else
      CHECK((all.int8(i, 2) == 1) != of_the_desk.contains(name));
    CHECK(all.text(i, 1) != "m");  // a materialized view can't be guarded
  }
  CHECK(std::ranges::includes(seen, of_the_desk));
}

TEST_CASE("store: functions run as who calls them, and mean the same whatever the search path", "[store][tenancy]") {
  scratch_server pg;
  const auto loose = pg.ask(
      "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'usher'::regnamespace "
      "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') AND (p.prosecdef OR "
      "(p.prosqlbody IS NULL AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')))");
  for (int i = 0; i < loose.size(); ++i) CHECK(loose.text(i, 0) == "");
  CHECK(pg.number("SELECT count(*) FROM pg_roles r WHERE rolname LIKE 'usher\\_%' AND rolcanlogin AND "
                  "has_function_privilege(r.oid, 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE')") == 0);
}

TEST_CASE("store: a login that has not said who asks reads nothing and writes nothing of customers'",
          "[store][tenancy]") {
  world w;
  const auto roles = w.pg.ask(logins);
  REQUIRE(roles.size() == 7);
  const auto all = w.pg.ask(relations);
  int refused = 0;
  for (int r = 0; r < roles.size(); ++r) {
    const auto role = roles.text(r, 0);
    for (int i = 0; i < all.size(); ++i) {
      const auto name = all.text(i, 0);
      CAPTURE(role, name);
      if (of_the_desk.contains(name)) continue;
      const auto rows = w.pg.number("SELECT count(*) FROM " + name);
      const auto read = w.as(role, "SELECT 1 FROM " + name);
      // Of an empty table the policy is not even looked at.
      if (read) CHECK(read->size() == 0);
      if (rows > 0) CHECK_FALSE(read.has_value());
      refused += read ? 0 : 1;
      const auto column = name == "usher.organizations" ? "id" : "organization_id";
      for (const auto& sql : {"DELETE FROM " + name, "UPDATE " + name + " SET " + column + " = " + column,
                              "TRUNCATE " + name, "ALTER TABLE " + name + " DISABLE ROW LEVEL SECURITY"}) {
        CAPTURE(sql);
        const auto done = w.as(role, sql);
        if (done) CHECK(done->affected() == 0);
      }
      CHECK(w.pg.number("SELECT count(*) FROM " + name) == rows);
    }
  }
  CHECK(refused > 40);
  for (const auto* sql : {"SELECT set_config('usher.organizations', '', false)", "SET ROLE usher_owner",
                          "SET row_security = off; SELECT * FROM usher.support_tickets", "CREATE TABLE usher.mine ()"})
    for (int r = 0; r < roles.size(); ++r) {
      CAPTURE(sql, roles.text(r, 0));
      CHECK_FALSE(w.as(roles.text(r, 0), sql).has_value());
    }
}

TEST_CASE("store: who asks does not stay on a connection, whatever became of the question", "[store][tenancy]") {
  world w;
  // One thread: every question goes over the same two connections.
  auto settings = w.pg.reads();
  settings.threads = 1;
  settings.queue_max = 4096;
  store::read_pool reads(settings);
  std::atomic<bool> stop{false};
  // Somebody cancels whatever runs, and ends connections now and then.
  std::thread trouble([&] {
    for (int i = 0; !stop; ++i) {
      w.pg.ask(i % 20 == 0 ? "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('usher_reader', "
                             "'usher_staff')"
                           : "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename IN ('usher_reader', "
                             "'usher_staff') AND state = 'active'");
      std::this_thread::sleep_for(1ms);
    }
  });
  std::atomic<int> wrong{0};
  std::atomic<int> answered{0};
  std::atomic<int> pending{0};
  for (int i = 0; i < 1500; ++i) {
    const store::scope who = i % 3 == 0 ? store::scope{} : store::scope{i % 3 == 1 ? w.a : w.b};
    const std::size_t right = who.organization ? 10 : 20;
    domain::ticket_query query;
    query.limit = 100;
    // Every fifth question has no time, and some of them are given up in the middle.
    const auto deadline = i % 5 == 0 ? std::chrono::steady_clock::now() + std::chrono::microseconds(i % 2000) : soon();
    ++pending;
    reads.list_tickets(query, who, deadline,
                       domain::completion<store::ticket_id_page>([&, right](domain::result<store::ticket_id_page> got) {
                         if (got) {
                           ++answered;
                           if (got->ids.size() != right) ++wrong;
                         }
                         --pending;
                       }));
    if (i % 10 == 0) CHECK(eventually([&] { return pending < 20; }));
  }
  CHECK(eventually([&] { return pending == 0; }));
  stop = true;
  trouble.join();
  CHECK(wrong == 0);
  CHECK(answered > 100);
  // On what is left of the connections nothing is set.
  auto organizations = answer_of<domain::page<domain::organization>>(
      [&](auto done) { reads.list_organizations({w.a}, 10, "", soon(), std::move(done)); });
  CHECK(organizations.value().data.size() == 1);
}
