#include <map>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "domain/sla_clock.hpp"
#include "tests/support/load.hpp"

namespace usher::test {

namespace {

using domain::instant;
using domain::milliseconds;

constexpr std::string_view clock_events_sql =
    "select ticket_id, clock, cycle, type, (extract(epoch from at) * 1000)::bigint, "
    "(extract(epoch from detected_at) * 1000)::bigint, target_ms, seq from usher.support_sla_events order by "
    "ticket_id, seq";

using clocks_of = std::map<std::string, std::vector<domain::sla_clock>>;

/// Folds what is stored, and checks that each list is counted without gaps.
clocks_of replay(pg& database) {
  clocks_of all;
  std::string last_ticket;
  int last_seq = 0;
  for (const auto& row : database.rows(std::string(clock_events_sql))) {
    const auto& ticket = *row[0];
    if (ticket != last_ticket) last_seq = 0;
    last_ticket = ticket;
    CHECK(std::stoi(*row[7]) == ++last_seq);
    domain::clock_event event;
    event.type = *domain::parse_clock_event_type(*row[3]);
    event.at = instant{milliseconds{std::stoll(*row[4])}};
    event.detected_at = instant{milliseconds{std::stoll(*row[5])}};
    if (row[6]) event.target = milliseconds{std::stoll(*row[6])};
    auto kind = *domain::parse_clock_kind(*row[1]);
    int cycle = std::stoi(*row[2]);
    auto& clocks = all[ticket];
    if (event.type == domain::clock_event_type::start) {
      clocks.emplace_back(kind, cycle, event);
      continue;
    }
    for (auto& clock : clocks) {
      if (clock.kind() == kind && clock.cycle() == cycle) clock.apply(event);
    }
  }
  return all;
}

std::string served(const json& clock, const char* member) {
  return clock.is_null(member) ? "null" : clock.text(member);
}

std::string folded(const std::optional<instant>& at) { return at ? domain::format_rfc3339(*at) : "null"; }

void check_clocks(const json& ticket, const std::vector<domain::sla_clock>& replayed) {
  auto clocks = ticket.items("/sla");
  REQUIRE(clocks.size() == replayed.size());
  auto now = domain::system_clock_port().now();
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    CHECK(clocks[i].text("/clock") == to_word(replayed[i].kind()));
    CHECK(clocks[i].number("/cycle") == replayed[i].cycle());
    CHECK(served(clocks[i], "/started_at") == folded(replayed[i].started_at()));
    CHECK(served(clocks[i], "/due_at") == folded(replayed[i].due_at()));
    CHECK(served(clocks[i], "/stopped_at") == folded(replayed[i].stopped_at()));
    CHECK(served(clocks[i], "/breached_at") == folded(replayed[i].breached_at(now)));
  }
}

void check_messages(person& staff, const ledger_ticket& expected) {
  std::map<std::string, std::string> found;
  std::set<std::string> bodies;
  for (const auto& message : walk(staff, path_of(expected.id, "/messages"))) {
    found[message.text("/id")] = message.text("/body");
    CHECK(bodies.insert(message.text("/body")).second);
  }
  for (const auto& [id, body] : expected.messages) CHECK(found[id] == body);
  if (!expected.unsettled) CHECK(found.size() == expected.messages.size());
}

void check_ticket(person& staff, const ledger_ticket& expected, const std::vector<domain::sla_clock>& replayed,
                  std::map<std::string, long>& versions) {
  CAPTURE(expected.id, expected.subject);
  auto answer = staff.get(path_of(expected.id));
  REQUIRE(answer.status == 200);
  json ticket(answer.body);
  CHECK(ticket.text("/subject") == expected.subject);
  CHECK(ticket.text("/body") == "from " + expected.subject);
  CHECK(ticket.text("/organization_id") == expected.organization);
  auto step = ticket.number("/custom_fields/step");
  auto version = ticket.number("/version");
  versions[expected.id] = version;
  auto settled = 1 + expected.steps + static_cast<std::int64_t>(expected.messages.size());
  if (expected.unsettled) {
    CHECK((step == expected.steps || step == expected.steps + 1));
    CHECK(version >= settled);
  } else {
    CHECK(step == expected.steps);
    CHECK(version == settled);
  }
  for (const auto& clock : ticket.items("/sla")) {
    auto due = expected.due_at.find(clock.text("/clock"));
    if (due != expected.due_at.end()) CHECK(clock.text("/due_at") == due->second);
  }
  check_clocks(ticket, replayed);
  check_messages(staff, expected);
}

/// Every version of every ticket has exactly one entry, and every stored row belongs to a ticket that was asked for.
void check_tables(pg& database, const ledger& what, const std::map<std::string, long>& versions) {
  auto duplicates = database.rows("select subject from usher.support_tickets group by 1 having count(*) > 1");
  CHECK(duplicates.empty());
  CHECK(database.rows("select body from usher.ticket_messages group by 1 having count(*) > 1").empty());
  auto stored = database.count("select count(*) from usher.support_tickets");
  auto acknowledged = static_cast<long>(what.tickets.size());
  CHECK(stored >= acknowledged);
  CHECK(stored <= acknowledged + static_cast<long>(what.given_up.size()));
  CHECK(database
            .rows("select t.id, t.version, count(a.id), count(distinct a.version), min(a.version), max(a.version) "
                  "from usher.support_tickets t left join usher.audit_log a on a.ticket_id = t.id group by 1, 2 "
                  "having count(a.id) <> t.version or count(distinct a.version) <> t.version "
                  "or min(a.version) <> 1 or max(a.version) <> t.version")
            .empty());
  for (const auto& row : database.rows("select id, version from usher.support_tickets")) {
    auto found = versions.find(*row[0]);
    if (found != versions.end()) CHECK(std::stol(*row[1]) == found->second);
  }
  CHECK(database.count("select count(*) - count(distinct number) from usher.support_tickets") == 0);
}

}  // namespace

void check_ledger(desk& d, const ledger& what) {
  CHECK(what.unexpected == std::vector<std::string>{});
  REQUIRE_FALSE(what.tickets.empty());
  auto database = d.database();
  auto replayed = replay(*database);
  auto staff = d.as("agent", "checker");
  std::map<std::string, long> versions;
  std::set<std::string> ids;
  for (const auto& ticket : what.tickets) {
    CHECK(ids.insert(ticket.id).second);
    check_ticket(staff, ticket, replayed[ticket.id], versions);
  }
  check_tables(*database, what, versions);
}

}  // namespace usher::test
