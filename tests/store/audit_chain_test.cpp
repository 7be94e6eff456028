// The chains of the audit trail: what is sealed can't be changed, taken out, put in or cut off unseen.
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"
#include "store/audit_examination.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr std::string_view add_sql =
    "INSERT INTO usher.audit_log (id, organization_id, ticket_id, at, version, actor_sub, actor_role, action, details) "
    "SELECT ('01900000-0000-7000-8000-' || lpad((n + $1)::text, 12, '0'))::uuid, CASE WHEN n % 3 = 0 THEN "
    "'00000000-0000-0000-0000-000000000000' ELSE ('0b000000-0000-8000-8000-' || lpad((n % 3)::text, 12, '0')) "
    "END::uuid, "
    "CASE WHEN n % 2 = 0 THEN gen_random_uuid() END, '2026-06-01T12:00:00Z'::timestamptz + n * interval '1 s', "
    "CASE WHEN n % 2 = 0 THEN n END, 'someone-' || n, 'agent', 'ticket.updated', jsonb_build_object('n', n) FROM "
    "generate_series(1, 30) AS n";

struct trail {
  scratch_server pg;
  store::audit_chain chain{pg.as("usher_sealer")};
  std::int64_t added = 0;

  trail() { REQUIRE(chain.adopt(soon())); }

  void add() {
    pg.ask(std::string(add_sql), store::parameters().int8(added));
    added += 30;
  }
  void seal() {
    auto more = chain.seal(soon());
    REQUIRE(more);
    CHECK_FALSE(*more);
  }
  store::finding look(const std::vector<store::chain_head>& known = {}) {
    auto on = store::connection::open(pg.as("postgres"), soon());
    return store::examine_audit(on.value(), known, soon());
  }
  std::vector<store::chain_head> heads() {
    auto on = store::connection::open(pg.as("postgres"), soon());
    return store::read_chain_heads(on.value(), soon()).value();
  }
};

}  // namespace

TEST_CASE("audit chain: what is sealed is found whole, and again after more", "[store][audit]") {
  trail t;
  CHECK(t.look().words == "0 entries in 0 links of 0 chains are what was written");
  t.add();
  CHECK(t.look().words == "0 entries in 0 links of 0 chains are what was written; 30 newer ones are not sealed yet");
  t.seal();
  CHECK(t.look().words == "30 entries in 3 links of 3 chains are what was written");
  t.seal();
  t.add();
  t.seal();
  const auto found = t.look(t.heads());
  INFO(found.words);
  CHECK(found.well);
  CHECK(found.words ==
        "60 entries in 6 links of 3 chains are what was written; nothing is cut off before the checkpoint's 3 links");
}

TEST_CASE("audit chain: an entry of a transaction that is still open waits, and is sealed when it ends",
          "[store][audit]") {
  trail t;
  auto slow = store::connection::open(t.pg.as("postgres"), soon());
  REQUIRE(slow);
  REQUIRE(slow->script("BEGIN", soon()));
  REQUIRE(slow->query(std::string(add_sql), store::parameters().int8(0), soon()));
  t.added = 30;
  t.add();  // later, and committed first
  t.seal();
  CHECK(t.pg.number("SELECT count(*) FROM usher.audit_links") == 0);
  REQUIRE(slow->script("COMMIT", soon()));
  t.seal();
  CHECK(t.look().words == "60 entries in 3 links of 3 chains are what was written");
}

TEST_CASE("audit chain: whatever is done to the trail behind its back is found, and where", "[store][audit]") {
  trail t;
  t.add();
  t.seal();
  t.add();
  t.seal();
  REQUIRE(t.look().well);
  const std::string entry = " WHERE id = '01900000-0000-7000-8000-000000000017'";
  struct deed {
    std::string name;
    std::string sql;
    std::string words;
  };
  const std::string at_entry =
      "link 1 of the chain of organization 0b000000-0000-8000-8000-000000000002: entry "
      "01900000-0000-7000-8000-000000000017 ";
  std::vector<deed> deeds{
      {"deleted", "DELETE FROM usher.audit_log" + entry, "broken at " + at_entry + "is missing"},
      {"moved", "UPDATE usher.audit_log SET organization_id = gen_random_uuid()" + entry, at_entry + "is missing"},
      {"put in",
       "INSERT INTO usher.audit_log SELECT gen_random_uuid(), organization_id, ticket_id, at, version, "
       "actor_sub, actor_role, action, details, xid FROM usher.audit_log" +
           entry,
       "is not in the chain of organization 0b000000-0000-8000-8000-000000000002 once"},
      {"a link taken out",
       "DELETE FROM usher.audit_links WHERE seq = 1 AND organization_id = "
       "'0b000000-0000-8000-8000-000000000001'",
       "broken at link 2 of the chain of organization 0b000000-0000-8000-8000-000000000001"},
      {"a link hashed anew",
       "UPDATE usher.audit_links SET hashes[1] = sha256('x'), hash = usher.audit_link_hash("
       "prev_hash, seq, sealed_at, array_prepend(sha256('x'), hashes[2:])) WHERE seq = 1 AND "
       "organization_id = '00000000-0000-0000-0000-000000000000'",
       "broken at link 2 of the desk's chain"},
  };
  for (const auto* change :
       {"at = at + interval '1 ms'", "version = coalesce(version, 0) + 1", "actor_sub = 'nobody'",
        "actor_role = 'admin'", "action = 'ticket.seen'", "details = '{}'", "ticket_id = gen_random_uuid()"})
    deeds.push_back({change, "UPDATE usher.audit_log SET " + std::string(change) + entry, at_entry + "was changed"});

  for (const auto& each : deeds) {
    INFO(each.name);
    auto on = store::connection::open(t.pg.as("postgres"), soon());
    REQUIRE(on);
    // Undone by a savepoint of our own: the examination ends its transaction.
    t.pg.ask("CREATE TABLE IF NOT EXISTS kept_log AS SELECT * FROM usher.audit_log");
    t.pg.ask("CREATE TABLE IF NOT EXISTS kept_links AS SELECT * FROM usher.audit_links");
    t.pg.ask(each.sql);
    const auto found = t.look();
    CHECK_FALSE(found.well);
    INFO(found.words);
    CHECK(found.words.find(each.words) != std::string::npos);
    t.pg.ask("DELETE FROM usher.audit_log");
    t.pg.ask("INSERT INTO usher.audit_log SELECT * FROM kept_log");
    t.pg.ask("DELETE FROM usher.audit_links");
    t.pg.ask("INSERT INTO usher.audit_links SELECT * FROM kept_links");
    REQUIRE(t.look().well);
  }
}

TEST_CASE("audit chain: an end that is cut off shows against a checkpoint only", "[store][audit]") {
  trail t;
  t.add();
  t.seal();
  t.add();
  t.seal();
  const auto known = t.heads();
  t.pg.ask("DELETE FROM usher.audit_log a USING usher.audit_links l WHERE l.seq = 2 AND a.id = ANY (l.entries)");
  t.pg.ask("DELETE FROM usher.audit_links WHERE seq = 2");
  CHECK(t.look().well);
  const auto found = t.look(known);
  CHECK_FALSE(found.well);
  CHECK(found.words == "link 2 of the desk's chain of the checkpoint is missing");
}

TEST_CASE("audit chain: a cluster that numbers transactions anew adopts what it finds, once", "[store][audit]") {
  trail t;
  t.add();
  t.seal();
  t.add();
  // As a restored dump has it: another cluster's numbers, far ahead of this one's.
  t.pg.ask("UPDATE usher.audit_log SET xid = xid + 1000000");
  t.pg.ask("UPDATE usher.audit_seal SET cluster = 1, horizon = horizon + 1000000");
  CHECK(t.chain.adopt(soon()));
  CHECK(t.look().words == "60 entries in 6 links of 3 chains are what was written");
  t.add();
  t.seal();
  t.seal();
  CHECK(t.chain.adopt(soon()));
  CHECK(t.look().words == "90 entries in 9 links of 3 chains are what was written");
}

TEST_CASE("audit chain: the server's roles can't change what is sealed", "[store][audit]") {
  trail t;
  t.add();
  t.seal();
  const std::vector<std::pair<std::string, std::string>> attempts{
      {"usher_sealer", "UPDATE usher.audit_log SET action = 'x'"},
      {"usher_sealer", "DELETE FROM usher.audit_log"},
      {"usher_sealer", "UPDATE usher.audit_links SET seq = seq + 1"},
      {"usher_sealer", "DELETE FROM usher.audit_links"},
      {"usher_sealer", "SELECT subject FROM usher.support_tickets"},
      {"usher_writer", "SELECT * FROM usher.audit_links"},
      {"usher_writer", "UPDATE usher.audit_seal SET horizon = 0"},
      {"usher_reader", "SELECT * FROM usher.audit_links"},
      {"usher_courier", "SELECT * FROM usher.audit_links"}};
  for (const auto& [role, sql] : attempts) {
    INFO(role << ": " << sql);
    auto on = store::connection::open(t.pg.as(role), soon());
    REQUIRE(on);
    auto done = on->script(sql, soon());
    REQUIRE_FALSE(done);
    CHECK(done.error().sqlstate == "42501");
  }
  CHECK(t.look().well);
}
