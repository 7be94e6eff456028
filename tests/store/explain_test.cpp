// Every filter and every sort has an index: the planner's word on 300,000 tickets.
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"
#include "store/ticket_queries.hpp"

using namespace usher;
using namespace usher::test;
using domain::ticket_query;
using domain::ticket_sort;

namespace {

constexpr std::string_view fill_sql = R"(
SET session_replication_role = replica;
INSERT INTO usher.organizations (id, name, tier, time_zone, version, created_at, updated_at)
SELECT ('0b000000-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Organization ' || n, 'STARTER', 'UTC', 1, now(), now()
FROM generate_series(0, 199) n;
INSERT INTO usher.support_tickets (id, organization_id, number, version, created_at, updated_at, due_at, at_risk_at,
  wedding_at, reopened, escalation_level, classified_confidence, sla_breached, classified_emergency, tier, channel, status,
  priority, urgency, category, requester_id, assignee_id, classified_category, classified_method, classified_signals, tags,
  custom_fields, subject, body)
SELECT gen_random_uuid(), ('0b000000-0000-8000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid, n, 1, at, at,
  CASE WHEN n % 3 > 0 THEN at + interval '4 hours' END, CASE WHEN n % 3 > 0 THEN at + interval '3 hours' END,
  CASE WHEN n % 4 = 0 THEN at + interval '30 days' END, 0, (ARRAY[0, 0, 0, 0, 0, 0, 1, 2, 3, 999])[1 + n % 10], 0,
  n % 50 = 0, false, (ARRAY['ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE'])[1 + n % 4], 'web',
  (ARRAY['open', 'pending', 'on_hold', 'resolved', 'closed'])[1 + n % 5],
  (ARRAY['critical', 'high', 'medium', 'low'])[1 + n / 4 % 4], (ARRAY['none', 'none', 'none', 'urgent', 'emergency'])[1 + n / 20 % 5],
  (ARRAY['rsvp', 'guest_data', 'client_payment', 'contract_esign', 'calendar_booking'])[1 + n / 16 % 5],
  'customer-' || n % 5000, CASE WHEN n % 7 > 0 THEN 'agent-' || n % 60 END, 'rsvp', 'default', '{}',
  CASE WHEN n % 100 = 0 THEN ARRAY['vip', 't' || n % 1000] ELSE '{}' END, '{}', 'Question ' || n, 'About the wedding.'
FROM generate_series(1, 300000) n, LATERAL (SELECT now() - n * interval '1 second' AS at) t;
INSERT INTO usher.ticket_search (ticket_id, organization_id, document)
SELECT id, organization_id, to_tsvector('simple', subject) FROM usher.support_tickets;
ANALYZE usher.support_tickets;
ANALYZE usher.ticket_search;
)";

struct named_filter {
  const char* name;
  void (*set)(ticket_query&);
};

const std::vector<named_filter> filters{
    {"none", [](ticket_query&) {}},
    {"status", [](ticket_query& q) { q.status = {domain::ticket_status::pending}; }},
    {"two statuses",
     [](ticket_query& q) {
       q.status = {domain::ticket_status::open, domain::ticket_status::on_hold};
     }},
    {"priority", [](ticket_query& q) { q.priorities = {domain::priority::high}; }},
    {"category", [](ticket_query& q) { q.categories = {"guest_data"}; }},
    {"urgency", [](ticket_query& q) { q.urgencies = {domain::urgency::emergency}; }},
    {"tier", [](ticket_query& q) { q.tiers = {domain::tier::free}; }},
    {"assignee", [](ticket_query& q) { q.assignee_ids = {"agent-7"}; }},
    {"nobody", [](ticket_query& q) { q.assignee_ids = {""}; }},
    {"organization",
     [](ticket_query& q) {
       q.organizations = {domain::organization_id::parse("0b000000-0000-8000-8000-000000000007").value()};
     }},
    {"escalation level", [](ticket_query& q) { q.escalation_levels = {999}; }},
    {"breached", [](ticket_query& q) { q.sla = {domain::sla_filter::breached}; }},
    {"at risk", [](ticket_query& q) { q.sla = {domain::sla_filter::at_risk}; }},
    {"tag", [](ticket_query& q) { q.tags = {"t300"}; }},
    {"created", [](ticket_query& q) { q.created_after = q.now - std::chrono::hours(1), q.created_before = q.now; }},
    {"wedding",
     [](ticket_query& q) { q.wedding_after = q.now, q.wedding_before = q.now + std::chrono::hours(24 * 28); }},
    {"text", [](ticket_query& q) { q.text = "question 4711"; }},
};

}  // namespace

TEST_CASE("store: no list reads the whole table, by EXPLAIN over 300,000 tickets", "[store][lists]") {
  scratch_server pg;
  {
    auto root = store::connection::open(pg.as("postgres"), store::steady_time::max()).value();
    REQUIRE(root.script(std::string(fill_sql), store::steady_time::max()));
  }
  auto now = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
  for (std::string role : {"usher_staff_reader", "usher_reader"}) {
    auto reader = store::connection::open(pg.as(role), soon()).value();
    REQUIRE(reader.script(
        "BEGIN; SET LOCAL jit = off; SET LOCAL usher.organization = '0b000000-0000-8000-8000-000000000007'", soon()));
    for (auto sort : {ticket_sort::created_at, ticket_sort::due_at, ticket_sort::priority, ticket_sort::wedding,
                      ticket_sort::relevance}) {
      for (const auto& filter : filters) {
        ticket_query query;
        query.now = now;
        query.sort = sort;
        filter.set(query);
        if (sort == ticket_sort::relevance && query.text.empty()) continue;
        auto asked = store::list_statement(query, false, std::nullopt, 26);
        auto plan = reader.query("EXPLAIN " + asked.sql, asked.params, soon());
        REQUIRE(plan);
        std::string text;
        for (int row = 0; row < plan->size(); ++row) text += plan->text(row, 0) + "\n";
        CAPTURE(role, static_cast<int>(sort), filter.name, text);
        CHECK(text.find("Seq Scan") == std::string::npos);
      }
    }
  }
}
