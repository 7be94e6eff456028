// Many deadlines at once: on time, over a gap, and while the wall clock jumps.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "domain/time.hpp"
#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
using namespace std::chrono;

namespace {

/// Targets of the first response for everybody, and somebody at each level, from the next start on.
void set_first_response(desk& d, milliseconds target) {
  d.database()->run("update usher.support_sla_configs set first_response_ms = " + std::to_string(target.count()) +
                    ", next_response_ms = null, resolution_ms = null; "
                    "update usher.support_escalation_rules set ack_seconds = 36000; "
                    "update usher.support_escalation_rules set recipients = '{supervisors}' where level = 1; "
                    "insert into usher.support_agents (id, name, role, presence) values "
                    "('sue', 'Sue', 'supervisor', 'online'), ('max', 'Max', 'manager', 'online'), "
                    "('eve', 'Eve', 'executive', 'online')");
  REQUIRE(d.server.stop() == 0);
  d.server.start();
}

/// Creates tickets by several customers at once; gives how many.
int create_many(desk& d, int count, int writers) {
  std::vector<std::thread> all;
  for (int w = 0; w < writers; ++w) {
    all.emplace_back([&d, w, each = count / writers] {
      auto customer = d.customer(w % 2 == 0 ? org_a : org_b);
      for (int i = 0; i < each; ++i) (void)create(customer, "Many " + std::to_string(i), R"(,"priority":"low")");
    });
  }
  for (auto& each : all) each.join();
  return count / writers * writers;
}

/// Levels whose record is not as it has to be: at its share of the target, in the state that it should have.
long wrong_levels(desk& d, milliseconds target, const std::string& state_of_level) {
  return d.database()->count(
      "select count(*) from usher.support_tickets t cross join (values (1, 75), (2, 90), (3, 100), (4, 125)) "
      "as rules (level, percent) left join usher.support_escalations e on e.ticket_id = t.id and e.level = rules.level "
      "and e.clock = 'first_response' where e.id is null or e.cause <> 'clock' or e.state <> " +
      state_of_level + " or e.scheduled_at <> t.created_at + interval '1 ms' * (" + std::to_string(target.count()) +
      " * percent / 100) or e.fired_at < e.scheduled_at");
}

int number_of(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

}  // namespace

// USHER_LATENESS_TICKETS=5000 is the figure of the README.
TEST_CASE("deadlines: each level of many tickets is told once, never early; how late is reported") {
  const int wanted = number_of("USHER_LATENESS_TICKETS", 400);
  const milliseconds target{std::max(8000, wanted * 6)};
  desk d;
  set_first_response(d, target);
  auto made = create_many(d, wanted, 8);
  auto told = [&] {
    return d.database()->count("select count(*) from usher.support_escalations where state = 'fired'");
  };
  REQUIRE(wait_until([&] { return told() == 4L * made; }, target * 2 + 60s, 200ms));
  CHECK(wrong_levels(d, target, "'fired'") == 0);
  auto late = d.database()->rows(
      "select round(1000 * percentile_disc(0.5) within group (order by extract(epoch from fired_at - scheduled_at))), "
      "round(1000 * percentile_disc(0.99) within group (order by extract(epoch from fired_at - scheduled_at))), "
      "round(1000 * max(extract(epoch from fired_at - scheduled_at))) from usher.support_escalations");
  std::cout << made << " tickets, " << 4 * made << " levels: late by " << *late[0][0] << " ms (p50), " << *late[0][1]
            << " ms (p99), " << *late[0][2] << " ms (max)\n";
}

TEST_CASE("deadlines: thousands inside a gap fire once after it, late, with the right scheduled_at") {
  const milliseconds target{30s};
  desk d;
  set_first_response(d, target);
  auto made = create_many(d, 1600, 8);
  d.server.kill_server();
  d.server.kill_database();
  auto begun = system_clock::now();
  // The last ticket was made before `begun`: its last level is due 125 % later.
  REQUIRE(wait_until([&] { return system_clock::now() > begun + target * 5 / 4 + 500ms; }, 90s, 100ms));
  d.server.start();
  CHECK(d.database()->count("select count(*) from usher.support_tickets") == made);
  // The highest that was due fired; what was below it was skipped, or had fired before the gap on a slow machine.
  CHECK(d.database()->count("select count(*) from usher.support_escalations where level = 4 and state = 'fired' "
                            "and fired_at >= scheduled_at") == made);
  CHECK(d.database()->count("select count(*) from usher.support_escalations") == 4L * made);
  CHECK(wrong_levels(d, target, "e.state") == 0);
  CHECK(d.database()->count("select count(*) from usher.support_sla_events e join usher.support_tickets t on t.id = "
                            "e.ticket_id where e.type = 'breach' and e.at = t.created_at + interval '30 s'") == made);
  auto supervisor = d.as("supervisor");
  auto report = must(supervisor.post("/api/support/escalation", R"({"action":"check"})"), 200);
  CHECK(report.number("/fired") == 0);
  CHECK(d.database()->count("select count(*) from usher.support_escalations") == 4L * made);
}

TEST_CASE("deadlines: the wall clock jumps by an hour, forth and back: nothing fires twice, nothing is skipped") {
  const std::string library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  if (!std::ifstream(library)) SKIP("the package faketime is not installed");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  SKIP("a sanitizer's runtime wants to be the first library, and so does libfaketime");
#endif
  desk d;
  set_first_response(d, 2s);
  REQUIRE(d.server.stop() == 0);
  temp_dir dir;
  auto file = dir.path() / "offset";
  auto set_offset = [&](const std::string& offset) {
    std::ofstream(file.string() + ".new") << offset << "\n";
    std::filesystem::rename(file.string() + ".new", file);
  };
  set_offset("+0");
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  ::setenv("LD_PRELOAD", library.c_str(), 1);
  ::setenv("FAKETIME_TIMESTAMP_FILE", file.c_str(), 1);
  ::setenv("FAKETIME_CACHE_DURATION", "1", 1);
  ::setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
  ::setenv("DONT_FAKE_MONOTONIC", "1", 1);
  d.server.start();
  ::unsetenv("LD_PRELOAD");

  auto customer = d.customer();
  auto told = [&](const std::string& id) {
    return d.database()->count("select count(*) from usher.support_escalations where ticket_id = $1", {id});
  };
  auto make = [&] { return create(customer, "Tick", R"(,"priority":"low")"); };
  auto first = make().text("/id");
  REQUIRE(wait_until([&] { return told(first) == 4; }, 30s, 50ms));
  std::string last_instant = make().text("/created_at");
  // Each time a ticket is waiting when the clock jumps, and another one is made after it.
  std::vector<std::string> made{first};
  for (const std::string offset : {"+3600", "+0", "-3600", "+0"}) {
    CAPTURE(offset);
    auto before = make();
    made.push_back(before.text("/id"));
    set_offset(offset);
    auto seen = [&] {
      auto now = make();
      made.push_back(now.text("/id"));
      auto a = usher::domain::parse_rfc3339(before.text("/created_at"));
      auto b = usher::domain::parse_rfc3339(now.text("/created_at"));
      return *b - *a > 50min || *a - *b > 50min;
    };
    REQUIRE(wait_until(seen, 20s, 200ms));
    auto after = make().text("/id");
    made.push_back(after);
    REQUIRE(wait_until([&] { return told(after) == 4; }, 30s, 50ms));
  }
  // Whoever waits for an hour that was taken away gets it now: by then every deadline has passed.
  set_offset("+7200");
  for (const auto& id : made) {
    CAPTURE(id);
    CHECK(wait_until([&] { return told(id) == 4; }, 30s, 50ms));
  }
  CHECK(d.database()->count("select count(*) from (select from usher.support_escalations group by ticket_id, clock, "
                            "cycle, level having count(*) > 1) as twice") == 0);
  CHECK(d.database()->count("select count(*) from usher.support_escalations where state <> 'fired' or fired_at < "
                            "scheduled_at") == 0);
}
