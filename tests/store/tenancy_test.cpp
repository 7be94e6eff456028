// Row-level security, from below: with the server's own roles, without and with an identity.
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr const char* guarded_tables =
    "SELECT c.oid, 'usher.' || c.relname FROM pg_class c WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN "
    "('r', 'p') AND (c.relname = 'organizations' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND "
    "a.attname = 'organization_id')) ORDER BY 2";

struct world {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  domain::organization_id a = add_organization(lanes);
  domain::organization_id b = add_organization(lanes);
  domain::ticket_ptr of_a = put(a, 1);
  domain::ticket_ptr of_b = put(b, 2);

  domain::ticket_ptr put(domain::organization_id organization, std::int64_t number) {
    auto change = created({organization, number});
    auto made = change.after;
    commit(lanes, change).value();
    auto next = changed(
        made, domain::add_message{domain::message_id::generate(), "hi", {}, domain::channel::web, false}, noon(1));
    commit(lanes, next).value();
    return made;
  }

  store::sql_result<store::rows> as(const std::string& role, const std::string& before, const std::string& sql) {
    auto opened = store::connection::open(pg.as(role), soon());
    if (!opened) return std::unexpected(opened.error());
    if (auto begun = opened->script("BEGIN; " + before, soon()); !begun) return begun;
    return opened->query(sql, {}, soon());
  }
};

}  // namespace

TEST_CASE("store: row-level security is on, and forced, on every table with a customer's rows", "[store][tenancy]") {
  scratch_server pg;
  auto tables = pg.ask(guarded_tables);
  CHECK(tables.size() >= 15);
  for (int i = 0; i < tables.size(); ++i) {
    auto name = tables.text(i, 1);
    CAPTURE(name);
    CHECK(pg.number("SELECT (relrowsecurity AND relforcerowsecurity)::int::int8 FROM pg_class WHERE oid = '" + name +
                    "'::regclass") == 1);
    // Beside them are those of roles that work for the whole desk: the courier, the sealer, the eraser.
    CHECK(pg.number("SELECT count(*) FROM pg_policy WHERE polrelid = '" + name +
                    "'::regclass AND polroles <@ ARRAY['"
                    "usher_reader'::regrole, 'usher_staff_reader'::regrole, 'usher_writer'::regrole]::oid[]") == 3);
  }
}

TEST_CASE("store: no role of the server owns anything or bypasses the policies", "[store][tenancy]") {
  scratch_server pg;
  CHECK(pg.number("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'usher%' AND rolname NOT IN ('usher_owner', "
                  "'usher_writer', 'usher_reader', 'usher_staff_reader', 'usher_courier', 'usher_sealer', "
                  "'usher_eraser', 'usher_staff', 'usher_doorkeeper')") == 0);
  CHECK(pg.number("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'usher%' AND (rolsuper OR rolbypassrls OR "
                  "rolcreaterole OR rolcreatedb)") == 0);
  CHECK(pg.number("SELECT count(*) FROM pg_class WHERE relnamespace = 'usher'::regnamespace AND relowner <> "
                  "'usher_owner'::regrole") == 0);
  // What a staff reader may look at, it may only as somebody else.
  CHECK(pg.number("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE "
                  "'usher%' AND NOT (r.rolname = 'usher_staff' AND NOT r.rolinherit AND m.roleid = "
                  "'usher_staff_reader'::regrole)") == 0);
  CHECK(pg.number("SELECT count(*) FROM pg_roles WHERE rolname IN ('usher_owner', 'usher_staff_reader') AND "
                  "rolcanlogin") == 0);
  CHECK(pg.number("SELECT has_function_privilege('usher_reader', 'set_config(text, text, boolean)', "
                  "'EXECUTE')::int::int8") == 0);
  CHECK(pg.number("SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = 'usher' AND "
                  "grantee IN ('usher_reader', 'usher_staff_reader') AND privilege_type <> 'SELECT'") == 0);
  CHECK(pg.number("SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = 'usher' AND grantee "
                  "LIKE 'usher_%' AND grantee <> 'usher_owner' AND privilege_type IN ('TRUNCATE', 'REFERENCES', "
                  "'TRIGGER')") == 0);
}

TEST_CASE("store: without an identity nothing is read and nothing is written", "[store][tenancy]") {
  world w;
  auto tables = w.pg.ask(guarded_tables);
  for (int i = 0; i < tables.size(); ++i) {
    auto name = tables.text(i, 1);
    CAPTURE(name);
    for (const char* role : {"usher_reader", "usher_writer"}) {
      CAPTURE(role);
      auto read = w.as(role, "", "SELECT count(*) FROM " + name);
      // Of an empty table the policy is not even looked at.
      if (read)
        CHECK(w.pg.number("SELECT count(*) FROM " + name) == 0);
      else
        CHECK((read.error().sqlstate == "42704" || read.error().sqlstate == "42501"));
    }
  }
  auto into = "INSERT INTO usher.organizations VALUES ('" + to_string(domain::organization_id::generate()) +
              "', '', 'FREE', 'UTC', 1, now(), now())";
  CHECK_FALSE(w.as("usher_writer", "", into).has_value());
  CHECK_FALSE(w.as("usher_reader", "", into).has_value());
  CHECK_FALSE(w.as("usher_staff_reader", "", into).has_value());
  CHECK_FALSE(w.as("usher_writer", "", "UPDATE usher.support_tickets SET subject = 'x'").has_value());
}

TEST_CASE("store: a customer sees its own organization only, in every table", "[store][tenancy]") {
  world w;
  auto me = "SET LOCAL usher.organization = '" + to_string(w.a) + "'";
  auto tables = w.pg.ask(guarded_tables);
  int with_rows = 0;
  for (int i = 0; i < tables.size(); ++i) {
    auto name = tables.text(i, 1);
    // Its secrets, keys, and the chains, are no reader's.
    if (name == "usher.webhook_endpoints" || name == "usher.api_keys" || name == "usher.audit_links") continue;
    std::string column = name == "usher.organizations" ? "id" : "organization_id";
    CAPTURE(name);
    auto own = w.as("usher_reader", me, "SELECT count(*) FROM " + name);
    REQUIRE(own.has_value());
    CHECK(own->int8(0, 0) ==
          w.pg.number("SELECT count(*) FROM " + name + " WHERE " + column + " = '" + to_string(w.a) + "'"));
    auto foreign =
        w.as("usher_reader", me, "SELECT count(*) FROM " + name + " WHERE " + column + " = '" + to_string(w.b) + "'");
    CHECK(foreign.value().int8(0, 0) == 0);
    if (own->int8(0, 0) > 0) ++with_rows;
  }
  CHECK(with_rows >= 6);
}

TEST_CASE("store: the writer can't touch an organization that is not in its batch", "[store][tenancy]") {
  world w;
  auto batch = "SET LOCAL usher.organizations = '" + to_string(w.a) + "'";
  auto hit = [&](const std::string& id) {
    auto answer = w.as("usher_writer", batch, "UPDATE usher.support_tickets SET subject = 'x' WHERE id = '" + id + "'");
    return answer.value().affected();
  };
  CHECK(hit(to_string(w.of_a->id)) == 1);
  CHECK(hit(to_string(w.of_b->id)) == 0);
  auto moved =
      w.as("usher_writer", batch, "UPDATE usher.support_tickets SET organization_id = '" + to_string(w.b) + "'");
  REQUIRE_FALSE(moved.has_value());
  CHECK(moved.error().sqlstate == "42501");
  CHECK_FALSE(w.as("usher_writer", batch, "DELETE FROM usher.audit_log").has_value());
  CHECK_FALSE(w.as("usher_writer", batch, "UPDATE usher.audit_log SET action = 'x'").has_value());
  CHECK_FALSE(w.as("usher_writer", batch, "UPDATE usher.support_sla_events SET reason = 'x'").has_value());
}

TEST_CASE("store: a foreign ticket is unknown to the reads of a customer", "[store][tenancy]") {
  world w;
  store::read_pool reads(w.pg.reads());
  auto load_as = [&](store::scope who) {
    return answer_of<std::vector<domain::ticket_ptr>>([&](auto done) {
             reads.load_tickets({w.of_a->id, w.of_b->id}, who, soon(), std::move(done));
           })
        .value();
  };
  CHECK(load_as({}).size() == 2);
  REQUIRE(load_as({w.a}).size() == 1);
  CHECK(load_as({w.a})[0]->id == w.of_a->id);
  CHECK(load_as({domain::organization_id::generate()}).empty());
  auto find = [&](std::int64_t number, store::scope who) {
    return answer_of<domain::ticket_id>([&](auto done) { reads.find_ticket(number, who, soon(), std::move(done)); });
  };
  CHECK(find(2, {w.b}).value() == w.of_b->id);
  CHECK(find(2, {w.a}).error().code == domain::errc::not_found);
  CHECK(find(99, {}).error().code == domain::errc::not_found);
  auto thread = answer_of<domain::page<domain::message>>(
      [&](auto done) { reads.list_messages(w.of_b->id, {w.a}, true, 10, "", soon(), std::move(done)); });
  CHECK(thread.value().data.empty());
  // The identity doesn't stay on the connection.
  auto organizations = answer_of<domain::page<domain::organization>>(
      [&](auto done) { reads.list_organizations({}, 10, "", soon(), std::move(done)); });
  CHECK(organizations.value().data.size() == 2);
}
