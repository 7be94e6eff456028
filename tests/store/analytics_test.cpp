// Sums over tickets: what is stored of a day and what is counted anew come to the same.
#include <catch2/catch_test_macros.hpp>

#include "domain/json_members.hpp"
#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr std::string_view fill_sql = R"(
SET session_replication_role = replica;
INSERT INTO usher.organizations (id, name, tier, time_zone, version, created_at, updated_at)
SELECT ('0b000000-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Organization ' || n, 'STARTER', 'UTC', 1, now(), now()
FROM generate_series(0, 9) n;
INSERT INTO usher.support_tickets (id, organization_id, number, version, created_at, updated_at, resolved_at, reopened,
  escalation_level, classified_confidence, sla_breached, classified_emergency, tier, channel, status, priority, urgency,
  category, requester_id, assignee_id, classified_category, classified_method, classified_signals, tags, custom_fields,
  subject, body)
SELECT gen_random_uuid(), ('0b000000-0000-8000-8000-' || lpad((n % 10)::text, 12, '0'))::uuid, n, 1, at,
  at + interval '1 day', CASE WHEN n % 3 > 0 THEN at + n * interval '7 seconds' END, (n % 11 = 0)::int, 0, 0, false, false,
  (ARRAY['ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE'])[1 + n % 4], 'web',
  CASE WHEN n % 3 > 0 THEN 'resolved' ELSE 'open' END, (ARRAY['critical', 'high', 'medium', 'low'])[1 + n / 4 % 4], 'none',
  (ARRAY['rsvp', 'guest_data', 'client_payment'])[1 + n % 3], 'customer-1', CASE WHEN n % 7 > 0 THEN 'agent-' || n % 5 END,
  'rsvp', 'model', '{}', '{}', '{}', 'Question ' || n, 'About the wedding.'
FROM generate_series(1, 2000) n, LATERAL (SELECT '2026-03-01T00:00:00Z'::timestamptz + n * interval '37 minutes' AS at) t;
INSERT INTO usher.ticket_messages (ticket_id, id, organization_id, created_at, automatic, author_role, visibility, channel, author_id, body)
SELECT id, gen_random_uuid(), organization_id, created_at + number * interval '1 second', false, 'agent', 'public', 'web', 'agent-1', 'Yes.'
FROM usher.support_tickets WHERE number % 2 = 0;
INSERT INTO usher.support_sla_events (ticket_id, seq, cycle, organization_id, at, detected_at, target_ms, clock, type)
SELECT id, s.seq, 1, organization_id, created_at, created_at, 3600000, s.clock, s.type FROM usher.support_tickets,
  (VALUES (1, 'first_response', 'start'), (2, 'resolution', 'start'), (3, 'first_response', 'breach')) AS s (seq, clock, type)
WHERE s.seq < 3 OR number % 5 = 0;
)";

struct figures {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};

  figures() { pg.ask("SELECT 1"); }

  std::string ask(domain::record_query query, store::scope who = {}) {
    return answer_of<domain::page<std::string>>(
               [&](auto done) { reads.list_records(query, who, soon(), std::move(done)); })
        .value()
        .data.at(0);
  }

  std::string sums(const std::string& by, std::vector<std::string> live, store::scope who = {},
                   const std::string& from = "2026-03-05T07:00:00Z") {
    domain::record_query query;
    query.kind = domain::record_kind::analytics;
    query.filters = {{"from", {from}}, {"to", {"2026-04-10T13:30:00Z"}}, {"group_by", {by}}, {"live", std::move(live)}};
    return ask(std::move(query), who);
  }

  std::vector<std::string> changed_days() {
    domain::record_query query;
    query.kind = domain::record_kind::changed_days;
    const auto text = ask(query);
    std::vector<std::string> out;
    for (auto day : domain::json_elements(text)) out.push_back(domain::json_string(day).value());
    return out;
  }

  void roll_up(const std::string& day) {
    domain::record_query query;
    query.kind = domain::record_kind::day_figures;
    query.filters = {{"day", {day}}};
    commit(lanes,
           store::write{
               store::rollup_write{day, domain::parse_rfc3339("2026-06-01T00:00:00Z").value(), ask(query)}, soon(), {}})
        .value();
  }
};

std::string member(std::string_view object, std::string_view name) {
  for (const auto& [key, value] : domain::json_members(object))
    if (key == name) return value;
  return "absent";
}

}  // namespace

TEST_CASE("store: sums of days that were rolled up are those that are counted anew", "[store][analytics]") {
  figures all;
  {
    auto root = store::connection::open(all.pg.as("postgres"), store::steady_time::max()).value();
    REQUIRE(root.script(std::string(fill_sql), store::steady_time::max()));
  }
  const auto days = all.changed_days();
  REQUIRE(days.size() == 52);
  std::vector<std::string> counted;
  const std::vector<std::string> sides{"", "day", "tier", "priority", "category", "agent"};
  for (const auto& by : sides) counted.push_back(all.sums(by, {"all"}));
  for (const auto& day : days) all.roll_up(day);
  CHECK(all.changed_days().empty());
  for (std::size_t i = 0; i < sides.size(); ++i) {
    CAPTURE(sides[i]);
    CHECK(all.sums(sides[i], {}) == counted[i]);
  }

  SECTION("what changed since is counted where it is named, and found by its day") {
    all.pg.ask(
        "UPDATE usher.support_tickets SET status = 'open', resolved_at = NULL, updated_at = '2026-06-02' WHERE number "
        "= 1001");
    CHECK(all.changed_days() == std::vector<std::string>{"2026-03-26"});
    CHECK(all.sums("tier", {}) == counted[2]);
    const auto now = all.sums("tier", {"2026-03-26"});
    CHECK(now != counted[2]);
    CHECK(now == all.sums("tier", {"all"}));
    all.roll_up("2026-03-26");
    CHECK(all.sums("tier", {}) == now);
  }

  SECTION("one organization's are its own") {
    store::scope who{domain::organization_id::parse("0b000000-0000-8000-8000-000000000003").value()};
    const auto part = all.sums("", {}, who);
    CHECK(member(domain::json_elements(part).at(0), "tickets") !=
          member(domain::json_elements(counted[0]).at(0), "tickets"));
    CHECK(all.sums("category", {}, who, "2026-03-01T00:00:00Z").find("\"tickets\":") != std::string::npos);
  }

  SECTION("medians are within one in a hundred") {
    const auto exact = all.pg.ask(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - "
        "created_at))::float8::text, "
        "count(*)::text FROM usher.support_tickets WHERE created_at >= '2026-03-05T07:00:00Z' AND created_at < "
        "'2026-04-10T13:30:00Z'");
    const auto elements = domain::json_elements(counted[0]);
    const double told = std::stod(member(elements.at(0), "resolution_median_seconds"));
    const double is = std::stod(exact.text(0, 0));
    CAPTURE(told, is);
    CHECK(std::abs(told - is) < 0.011 * is);
    CHECK(member(elements.at(0), "tickets") == exact.text(0, 1));
  }
}
