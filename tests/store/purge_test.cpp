// Erasing what has expired, in every table.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "fixture.hpp"
#include "store/purge.hpp"

using namespace usher;
using namespace usher::test;

namespace {

const store::expiry limits{noon(0), noon(0), noon(0)};

store::expired_rows expired(store::reader& reads) {
  return answer_of<store::expired_rows>([&](auto done) { reads.list_expired(limits, soon(), std::move(done)); })
      .value();
}

/// A ticket with a message, an escalation, a score and a notification, deleted at `when`.
domain::ticket_ptr deleted(scratch_server& pg, store::writer& lanes, domain::organization_id owner, int number,
                           instant when) {
  auto made = created({owner, number, noon(-1'000'000)});
  auto t = made.after;
  commit(lanes, made).value();
  auto then = [&](const domain::ticket_command& command, instant at) {
    auto next = changed(t, command, at);
    t = next.after;
    commit(lanes, std::move(next)).value();
  };
  domain::add_message message;
  message.id = domain::message_id::generate();
  message.body = "the canary " + std::to_string(number);
  then(message, noon(-900'000));
  then(domain::escalate_ticket{2, "They called."}, noon(-800'000));
  auto id = "'" + to_string(t->id) + "'";
  auto org = "'" + to_string(owner) + "'";
  pg.ask("insert into usher.csat_responses (ticket_id, cycle, organization_id, at, score, by_sub) values (" + id +
         ", 1, " + org + ", now(), 5, 'rosa')");
  pg.ask(
      "insert into usher.outbox (id, organization_id, ticket_id, created_at, channel, event, recipient, payload) "
      "values (gen_random_uuid(), " +
      org + ", " + id + ", now(), 'log', 'escalation.fired', 'x', '{}')");
  pg.ask(
      "insert into usher.outbox_attempts (outbox_id, attempt, organization_id, at, duration_ms, outcome) select id, 1, "
      "organization_id, now(), 1, 'delivered' from usher.outbox where ticket_id = " +
      id);
  then(domain::delete_ticket{}, when);
  return t;
}

}  // namespace

TEST_CASE("a purge knows every table that refers to tickets") {
  scratch_server pg;
  auto found = pg.ask(
      "select distinct conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = "
      "'usher.support_tickets'::regclass");
  REQUIRE(found.size() > 0);
  for (int row = 0; row < found.size(); ++row) {
    auto name = found.text(row, 0).substr(std::string("usher.").size());
    CAPTURE(name);
    CHECK(std::ranges::count(store::tables_of_a_ticket(), name) == 1);
  }
}

TEST_CASE("tickets deleted long enough ago are erased with all that hangs on them; others stay") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto a = add_organization(lanes);
  auto b = add_organization(lanes);
  auto old_a = deleted(pg, lanes, a, 1, noon(-1));
  auto old_b = deleted(pg, lanes, b, 2, noon(0));
  auto recent = deleted(pg, lanes, b, 3, noon(1));

  auto what = expired(reads);
  CHECK(what.tickets.size() == 2);
  // Restored between the look and the purge.
  pg.ask("update usher.support_tickets set deleted_at = null where number = 2");
  REQUIRE(commit(lanes, store::write{store::purge_write{limits, what}, soon(), {}}).has_value());
  CHECK(pg.number("select count(*) from usher.support_tickets") == 2);
  CHECK_THROWS(load(reads, old_a->id));
  auto left = [&](const std::string& table, const domain::ticket_ptr& t) {
    return pg.number("select count(*) from usher." + table + " where ticket_id = '" + to_string(t->id) + "'");
  };
  for (auto table : store::tables_of_a_ticket()) {
    CAPTURE(table);
    std::string name(table);
    CHECK(left(name, old_a) == 0);
    if (name == "attachments") continue;  // nothing writes them yet
    CHECK(left(name, old_b) > 0);
    CHECK(left(name, recent) > 0);
  }
  CHECK(left("outbox", old_a) == 0);
  CHECK(pg.number("select count(*) from usher.outbox_attempts") == 2);
  CHECK(left("audit_log", old_a) > 0);  // the trail stays
  CHECK(expired(reads).tickets.empty());
}

TEST_CASE("answers kept under keys go after their day, of every organization and of staff") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto a = add_organization(lanes);
  for (int i = 0; i < 3; ++i) {
    store::idempotency_record record;
    if (i != 1) record.organization = a;
    record.caller_sub = "rosa";
    record.route = "/x";
    record.key = std::to_string(i);
    record.fingerprint = std::string(32, 'f');
    record.body = "{}";
    record.status = 200;
    record.created_at = noon(i == 2 ? 1 : 0);
    REQUIRE(commit(lanes, store::write{store::answer_write{record}, soon(), {}}).has_value());
  }
  auto what = expired(reads);
  CHECK(what.key_owners.size() == 2);
  REQUIRE(commit(lanes, store::write{store::purge_write{limits, what}, soon(), {}}).has_value());
  CHECK(pg.number("select count(*) from usher.idempotency_keys") == 1);
  CHECK(expired(reads).empty());
}

TEST_CASE("snapshots are stored, listed by time, and go in the end") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  for (int i = 0; i < 3; ++i)
    REQUIRE(commit(lanes, store::write{store::snapshot_write{domain::new_uuid_v7(), noon(i),
                                                             R"({"open":)" + std::to_string(i) + "}"},
                                       soon(),
                                       {}})
                .has_value());
  auto list = [&](std::vector<domain::record_filter> filters) {
    domain::record_query query;
    query.kind = domain::record_kind::snapshots;
    query.filters = std::move(filters);
    return answer_of<domain::page<std::string>>(
               [&](auto done) { reads.list_records(query, {}, soon(), std::move(done)); })
        .value()
        .data;
  };
  REQUIRE(list({}).size() == 3);
  CHECK(list({}).front().find("\"open\": 2") != std::string::npos);
  auto some = list({{"from", {domain::format_rfc3339(noon(1))}}, {"to", {domain::format_rfc3339(noon(2))}}});
  REQUIRE(some.size() == 1);
  CHECK(some.front().find(domain::format_rfc3339(noon(1))) != std::string::npos);
  auto what = expired(reads);
  CHECK(what.snapshots);
  REQUIRE(commit(lanes, store::write{store::purge_write{limits, what}, soon(), {}}).has_value());
  CHECK(list({}).size() == 2);
}

TEST_CASE("escalations are listed as told, then as armed, page by page without a gap") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto a = add_organization(lanes);
  auto b = add_organization(lanes);
  for (int i = 0; i < 5; ++i) {
    auto made = created({i % 2 == 0 ? a : b, i + 1, noon(i * 1000)});
    auto next = changed(made.after, domain::escalate_ticket{2, "They called."}, noon(10'000));
    commit(lanes, made).value();
    commit(lanes, std::move(next)).value();
  }
  auto walk = [&](std::vector<domain::record_filter> filters, int limit, store::scope who = {}) {
    domain::record_query query;
    query.kind = domain::record_kind::escalations;
    query.filters = std::move(filters);
    query.limit = limit;
    std::vector<std::string> all;
    do {
      auto page = answer_of<domain::page<std::string>>([&](auto done) {
                    reads.list_records(query, who, soon(), std::move(done));
                  }).value();
      CHECK(std::ssize(page.data) <= limit);
      std::ranges::move(page.data, std::back_inserter(all));
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty() && all.size() < 1000);
    return all;
  };
  auto count = [](const std::vector<std::string>& all, std::string_view part) {
    return std::ranges::count_if(all, [&](const auto& each) { return each.find(part) != std::string::npos; });
  };
  auto all = walk({}, 100);
  CHECK(count(all, R"("state":"fired")") >= 5);
  CHECK(count(all, R"("state":"armed")") >= 20);
  for (int limit : {1, 3, 7}) CHECK(walk({}, limit) == all);
  auto armed = walk({{"state", {"armed"}}}, 4);
  CHECK(std::ssize(armed) == count(all, R"("state":"armed")"));
  CHECK(std::set(armed.begin(), armed.end()).size() == armed.size());
  auto top = walk({{"state", {"armed"}}, {"level", {"4"}}}, 2);
  CHECK(std::ssize(top) == count(armed, R"("level":4,)"));
  CHECK(count(walk({{"state", {"fired"}}}, 100), R"("state":"armed")") == 0);
  CHECK(walk({{"state", {"armed"}}}, 100, store::scope{a}).size() < armed.size());
}
