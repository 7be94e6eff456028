// Migrations: once, unchanged, forward only.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <thread>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<store::migration> all_and(std::vector<store::migration> more) {
  std::vector<store::migration> all(store::embedded_migrations().begin(), store::embedded_migrations().end());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string why_not(scratch_server& pg, const std::vector<store::migration>& all) {
  try {
    store::migrate(pg.as("postgres"), all);
  } catch (const store::migration_error& why) {
    return why.what();
  }
  return "it migrated";
}

}  // namespace

TEST_CASE("store: migrations are applied once", "[store][migrations]") {
  scratch_server pg;
  auto count = static_cast<int>(store::embedded_migrations().size());
  auto report = store::migrate(pg.as("postgres"));
  CHECK(report.applied == 0);
  CHECK(report.version == store::embedded_migrations().back().version);
  CHECK(pg.number("SELECT count(*) FROM usher.schema_migrations") == count);
  // Numbers rise; some may be left out.
  for (int i = 1; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    CHECK(store::embedded_migrations()[at].version > store::embedded_migrations()[at - 1].version);
  }
}

TEST_CASE("store: another database of the same cluster gets the same roles", "[store][migrations]") {
  scratch_server pg;
  pg.ask("CREATE DATABASE second");
  auto target = pg.as("postgres");
  target.conninfo += " dbname=second";
  CHECK(store::migrate(target).applied == static_cast<int>(store::embedded_migrations().size()));
}

TEST_CASE("store: a user who is no superuser can migrate a database of its own", "[store][migrations]") {
  scratch_server pg;
  pg.ask("CREATE ROLE landlord LOGIN CREATEROLE");
  pg.ask("CREATE DATABASE rented OWNER landlord");
  pg.ask(
      "DROP OWNED BY usher_staff, usher_doorkeeper, usher_eraser, usher_sealer, usher_courier, usher_writer, "
      "usher_reader, "
      "usher_staff_reader, "
      "usher_owner "
      "CASCADE");
  for (const char* role : {"usher_staff", "usher_doorkeeper", "usher_eraser", "usher_sealer", "usher_courier",
                           "usher_writer", "usher_reader", "usher_staff_reader", "usher_owner"})
    pg.ask(std::string("DROP ROLE ") + role);
  auto target = pg.as("landlord");
  target.conninfo += " dbname=rented";
  CHECK(store::migrate(target).applied == static_cast<int>(store::embedded_migrations().size()));
  // And it can act as the roles, which is how an outside database is used.
  auto opened = store::connection::open(store::target_of(target.conninfo, "usher_writer"), soon());
  REQUIRE(opened);
  CHECK(opened->query("SELECT current_user::text", {}, soon()).value().text(0, 0) == "usher_writer");
}

TEST_CASE("store: two programs that migrate at once do it once", "[store][migrations]") {
  scratch_server pg;
  auto all = all_and({{900, "slow", "SELECT pg_sleep(0.2); CREATE TABLE usher.only_once (n int)"}});
  std::atomic<int> applied{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] { applied += store::migrate(pg.as("postgres"), all).applied; });
  }
  CHECK(applied == 1);
}

TEST_CASE("store: a migration whose text has changed is refused", "[store][migrations]") {
  scratch_server pg;
  auto all = all_and({});
  std::string changed = std::string(all[1].sql) + " ";
  all[1].sql = changed;
  CHECK_THAT(why_not(pg, all), ContainsSubstring("migration 2 (desk)") && ContainsSubstring("another text"));
}

TEST_CASE("store: a database that is newer than the program is refused", "[store][migrations]") {
  scratch_server pg;
  store::migrate(pg.as("postgres"), all_and({{900, "future", "SELECT 1"}}));
  CHECK_THAT(why_not(pg, all_and({})), ContainsSubstring("900 (future)") && ContainsSubstring("too old"));
}

TEST_CASE("store: a migration that fails leaves nothing", "[store][migrations]") {
  scratch_server pg;
  auto bad = all_and({{900, "bad", "CREATE TABLE usher.half (n int); SELECT 1 / 0"}});
  CHECK_THAT(why_not(pg, bad), ContainsSubstring("migration 900 (bad)") && ContainsSubstring("22012"));
  CHECK(pg.number("SELECT count(*) FROM pg_class WHERE relname = 'half'") == 0);
  CHECK(pg.number("SELECT count(*) FROM usher.schema_migrations WHERE version = 900") == 0);
  CHECK(store::migrate(pg.as("postgres"), all_and({{900, "good", "SELECT 1"}})).applied == 1);
}

TEST_CASE("store: a wedding day's freeze holds migrations back, unless the glass is broken", "[store][migrations]") {
  scratch_server pg;
  auto on = store::connection::open(pg.as("postgres"), soon());
  REQUIRE(on);
  const auto more = all_and({{900, "future", "SELECT 1"}});
  const auto saturday = domain::parse_rfc3339("2026-06-13T12:00:00Z").value();
  REQUIRE(store::migrate(*on, store::freeze_gate{{}, saturday, {}}).held_back == std::nullopt);

  store::writer_lanes lanes(pg.lanes());
  const auto organization = add_organization(lanes);
  const auto also = [&](domain::create_ticket& draft) {
    draft.wedding = domain::wedding{saturday, "Europe/Paris", {}};
  };
  REQUIRE(commit(lanes, created({organization, 1, noon(), also})));
  const auto held = store::migrate(*on, store::freeze_gate{{}, saturday, {}}, more);
  REQUIRE(held.held_back.has_value());
  CHECK(held.held_back->until == domain::parse_rfc3339("2026-06-14T04:00:00Z"));
  CHECK(pg.number("SELECT count(*) FROM usher.schema_migrations WHERE version = 900") == 0);

  const auto done = store::migrate(*on, store::freeze_gate{{}, saturday, "The index is broken"}, more);
  CHECK(done.report.applied == 1);
  CHECK(pg.number("SELECT count(*) FROM usher.audit_log WHERE action = 'schema.migrated' AND details ->> 'break_glass' "
                  "= 'The index is broken'") == 1);
  CHECK(pg.number("SELECT count(*) FROM usher.system_alerts WHERE kind = 'freeze_broken'") == 1);
}
