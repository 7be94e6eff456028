// The metrics beside the database: counters count what was committed, gauges what is so (contract, section 7).
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/child_process.hpp"
#include "tests/support/desk.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

/// A sample's sum over the labels that the question leaves open, and what the database says of the same.
struct comparison {
  std::string metric;
  std::string label;  ///< `name="value"`, or empty
  std::string sql;
};

double sum_of(const std::string& text, const comparison& what) {
  std::istringstream lines(text);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    bool named = line.starts_with(what.metric + "{") || line.starts_with(what.metric + " ");
    if (named && line.find(what.label) != std::string::npos) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

constexpr const char* open = "status in ('open', 'pending', 'on_hold') and deleted_at is null";

std::vector<comparison> gauges() {
  std::vector<comparison> all;
  for (const char* tier : {"ENTERPRISE", "PROFESSIONAL", "STARTER", "FREE"})
    all.push_back({"usher_tickets_open", "tier=\"" + std::string(tier) + "\"",
                   "select count(*) from usher.support_tickets where tier = '" + std::string(tier) + "' and " + open});
  all.push_back({"usher_tickets_open", R"(priority="critical")",
                 std::string("select count(*) from usher.support_tickets where priority = 'critical' and ") + open});
  all.push_back(
      {"usher_emergencies_active", "",
       std::string("select count(*) from usher.support_tickets where (urgency = 'emergency' or escalation_level = 999) "
                   "and ") +
           open});
  for (const char* level : {"1", "2", "3", "4", "999"})
    all.push_back({"usher_escalations_unacknowledged", "level=\"" + std::string(level) + "\"",
                   "select count(*) from usher.support_escalations where state = 'fired' and hand_up_at is not null "
                   "and level = " +
                       std::string(level)});
  return all;
}

std::vector<comparison> counters() {
  std::vector<comparison> all{{"usher_tickets_created_total", "", "select count(*) from usher.support_tickets"},
                              {"usher_messages_total", R"(visibility="public")",
                               "select count(*) from usher.ticket_messages where visibility = 'public'"},
                              {"usher_classifications_total", "", "select count(*) from usher.ticket_classifications"}};
  for (const char* clock : {"first_response", "next_response", "resolution"}) {
    std::string label = "clock=\"" + std::string(clock) + "\"";
    std::string from = " from usher.support_sla_events e where clock = '" + std::string(clock) + "' and type = ";
    all.push_back({"usher_sla_clocks_started_total", label, "select count(*)" + from + "'start'"});
    all.push_back({"usher_sla_breaches_total", label, "select count(*)" + from + "'breach'"});
    all.push_back({"usher_sla_clock_duration_seconds_count", label, "select count(*)" + from + "'stop'"});
    all.push_back({"usher_sla_clocks_met_total", label,
                   "select count(*)" + from +
                       "'stop' and not exists (select from usher.support_sla_events b where b.ticket_id = e.ticket_id "
                       "and b.clock = e.clock and b.cycle = e.cycle and b.type = 'breach')"});
  }
  for (const char* level : {"1", "2", "3", "4", "999"})
    all.push_back(
        {"usher_escalations_total", "level=\"" + std::string(level) + "\"",
         "select count(*) from usher.support_escalations where state = 'fired' and level = " + std::string(level)});
  return all;
}

/// What differs, in words; empty when nothing does. The ladder goes on meanwhile, so both are looked at again and
/// again.
std::string difference(person& by, pg& stored, const std::vector<comparison>& all) {
  std::string out;
  bool same = wait_until(
      [&] {
        out.clear();
        auto text = by.get("/metrics").body;
        for (const auto& each : all) {
          auto counted = sum_of(text, each);
          auto known = stored.count(each.sql);
          if (counted != static_cast<double>(known))
            out += each.metric + "{" + each.label + "} is " + std::to_string(counted) + ", the database has " +
                   std::to_string(known) + "\n";
        }
        return out.empty();
      },
      60s, 100ms);
  return same ? std::string() : out;
}

}  // namespace

TEST_CASE("metrics: after a load with breaches and escalations, and after a restart, they are what the database says") {
  desk d;
  auto stored = d.database();
  // Two seconds to answer: some are answered in time, some are not, and the ladder is climbed.
  stored->run(
      "update usher.support_sla_configs set first_response_ms = 2000, next_response_ms = 2000, resolution_ms = 4000; "
      "insert into usher.support_agents (id, name, role, presence) values ('sue', 'Sue', 'supervisor', 'online'), "
      "('max', 'Max', 'manager', 'online')");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  auto done = run(
      {USHER_LOAD_BINARY, "run", "smoke", "--target", "http://127.0.0.1:" + std::to_string(d.server.where()->load()),
       "--tokens-from", d.server.data().string(), "--duration", "8s", "--scale", "2", "--no-verify"},
      std::chrono::seconds{120});
  CAPTURE(done.out, done.err);
  REQUIRE((done.code == 0 || done.code == 99));  // how quick it was is not what is asked here

  auto admin = d.as("admin");
  stored = d.database();
  REQUIRE(stored->count("select count(*) from usher.support_sla_events where type = 'breach'") > 10);
  REQUIRE(stored->count("select count(*) from usher.support_escalations where state = 'fired'") > 10);
  CHECK(difference(admin, *stored, counters()) == "");
  CHECK(difference(admin, *stored, gauges()) == "");

  d.server.kill_server();
  d.server.start();
  stored = d.database();
  auto again = d.as("admin");
  CHECK(difference(again, *stored, gauges()) == "");
}
