// What the doctor finds in a database.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "fixture.hpp"
#include "store/examination.hpp"

using namespace usher;
using namespace usher::test;

namespace {

/// The finding of a name; fails the test when it is not there.
store::finding find(const std::vector<store::finding>& all, std::string_view name) {
  const auto at = std::ranges::find(all, name, &store::finding::name);
  REQUIRE(at != all.end());
  CAPTURE(at->words);
  CHECK(at->words.find('\n') == std::string::npos);
  return *at;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("store: the doctor finds a healthy database well, and leaves it as it is", "[store][examination]") {
  scratch_server pg;
  const auto found = store::examine_database(pg.as("postgres"));
  REQUIRE(found.size() == 3);
  for (const auto& each : found) {
    CAPTURE(each.name, each.words);
    CHECK(each.well);
  }
  CHECK(contains(find(found, "database").words, "PostgreSQL 1"));
}

TEST_CASE("store: the doctor finds a database that may forget, or lets roles past the policies",
          "[store][examination]") {
  scratch_server pg;
  const auto database = [&] { return find(store::examine_database(pg.as("postgres")), "database"); };
  pg.ask("ALTER ROLE postgres SET synchronous_commit = off");
  auto found = database();
  CHECK_FALSE(found.well);
  CHECK(contains(found.words, "synchronous_commit is off"));
  pg.ask("ALTER ROLE postgres RESET synchronous_commit");
  CHECK(database().well);
  pg.ask("ALTER SYSTEM SET fsync = off");
  pg.ask("SELECT pg_reload_conf()");
  CHECK(eventually([&] { return contains(database().words, "fsync is off"); }));
  pg.ask("ALTER SYSTEM RESET fsync");
  pg.ask("SELECT pg_reload_conf()");
  CHECK(eventually([&] { return database().well; }));
  pg.ask("ALTER ROLE usher_reader BYPASSRLS");
  found = database();
  CHECK_FALSE(found.well);
  CHECK(contains(found.words, "usher_reader bypasses row-level security"));
}

TEST_CASE("store: the doctor finds migrations that are missing, changed or unknown", "[store][examination]") {
  scratch_server pg;
  const auto known = store::embedded_migrations();
  const auto migrations = [&](std::span<const store::migration> all) {
    return find(store::examine_database(pg.as("postgres"), all), "migrations");
  };
  CHECK(migrations(known).well);
  std::vector<store::migration> more(known.begin(), known.end());
  more.push_back({99, "later", "SELECT 1"});
  auto found = migrations(more);
  CHECK_FALSE(found.well);
  CHECK(contains(found.words, "1 of " + std::to_string(more.size()) + " are missing"));
  CHECK_FALSE(migrations(known.first(known.size() - 1)).well);
  pg.ask("UPDATE usher.schema_migrations SET checksum = 'x' WHERE version = 2");
  found = migrations(known);
  CHECK_FALSE(found.well);
  CHECK(contains(found.words, "migration 2"));
  pg.ask("CREATE DATABASE empty");
  auto target = pg.as("postgres");
  target.conninfo += " dbname=empty";
  const auto none = store::examine_database(target);
  CHECK_FALSE(find(none, "migrations").well);
  CHECK(find(none, "clock").well);
}

TEST_CASE("store: the doctor says so when there is no database to look at", "[store][examination]") {
  auto found = store::examine_database(store::connect_target{"host=/nonexistent dbname=usher", {}});
  REQUIRE(found.size() == 1);
  CHECK_FALSE(find(found, "database").well);
  scratch_directory nothing;
  found = store::examine_database(nothing.path() / "data");
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found.front().well);
  CHECK_FALSE(std::filesystem::exists(nothing.path() / "data"));
}

TEST_CASE("store: the doctor reaches an embedded database that runs, also by a long path, and one that does not",
          "[store][examination]") {
  scratch_directory where;
  // Too long for a socket: that of the server lies elsewhere then.
  const auto deep = GENERATE(false, true);
  const auto directory = where.path() / (deep ? std::string(90, 'd') : "data");
  std::filesystem::create_directories(directory);
  place_cluster(directory);
  {
    store::embedded_postgres running({.directory = directory});
    running.start();
    const auto pid = running.pid();
    CHECK(find(store::examine_database(directory), "migrations").well);
    CHECK(running.pid() == pid);
  }
  CHECK_FALSE(store::embedded_postgres::running(directory, "postgres"));
  CHECK(find(store::examine_database(directory), "migrations").well);
  CHECK_FALSE(std::filesystem::exists(directory / "postgres" / "postmaster.pid"));
}
