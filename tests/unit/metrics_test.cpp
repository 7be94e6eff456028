// What the metrics count of committed changes (contract, section 7).
#include <string>
#include <thread>
#include <vector>

#include "metrics/desk_metrics.hpp"
#include "ticket_fixture.hpp"

using namespace usher::test;
using usher::metrics::desk_metrics;

namespace {

/// A ticket whose changes are counted as the desk counts them.
struct counted : ticket_fixture {
  desk_metrics metrics{"1.0", "abc"};

  change count(const change& what) {
    metrics.change_committed(what);
    return what;
  }
  change check() { return count(must(check_clocks{}, role::system)); }

  /// The value of a sample, by its name with its labels as the text has them; -1 when there is none.
  [[nodiscard]] double value(const std::string& sample) {
    auto text = "\n" + metrics.text();
    auto at = text.find("\n" + sample + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + sample.size() + 2));
  }

  agent& add_agent(const std::string& id, role r) {
    auto& a = settings.agents[id];
    a.id = id;
    a.role = r;
    a.email = id + "@desk.example";
    return a;
  }
};

/// Says that every text is an emergency.
struct alarmed_judge final : judge {
  [[nodiscard]] text_verdict read(std::string_view, std::string_view, const std::optional<instant>&,
                                  instant) const override {
    text_verdict out;
    out.classification = {"vendor_no_show", 0.97F, true, "pattern+model", {}};
    return out;
  }
};

}  // namespace

TEST_CASE("metrics: every family is there from the start", "[metrics]") {
  desk_metrics metrics("1.0", "abc");
  metrics.set_routes({"/livez", "other"});
  auto text = metrics.text();
  for (const char* sample :
       {R"(usher_http_requests_total{method="GET",route="/livez",status="200"} 0)",
        R"(usher_http_request_duration_seconds_bucket{route="/livez",le="0.2"} 0)",
        R"(usher_http_refused_total{class="list",reason="overload"} 0)",
        R"(usher_tickets_created_total{category="rsvp",channel="web",tier="FREE"} 0)",
        R"(usher_tickets_open{priority="critical",tier="ENTERPRISE"} 0)",
        R"(usher_sla_clocks_started_total{clock="next_response",tier="STARTER"} 0)",
        R"(usher_sla_clocks_met_total{clock="resolution",tier="FREE"} 0)",
        R"(usher_sla_breaches_total{clock="resolution",priority="low",tier="FREE"} 0)",
        R"(usher_sla_consumed_ratio_bucket{clock="resolution",tier="FREE",le="1.25"} 0)",
        R"(usher_sla_clock_duration_seconds_bucket{clock="first_response",tier="FREE",le="900"} 0)",
        "usher_sla_timer_lateness_seconds_count 0",
        "usher_sla_timers_armed 0",
        R"(usher_escalations_total{level="999"} 0)",
        R"(usher_escalations_unacknowledged{level="1"} 0)",
        R"(usher_escalations_oldest_unacknowledged_seconds{level="999"} 0)",
        R"(usher_escalations_reached_nobody_total{level="4"} 0)",
        "usher_escalation_lateness_seconds_count 0",
        "usher_emergencies_active 0",
        R"(usher_classifications_total{category="rsvp",method="pattern"} 0)",
        R"(usher_classification_duration_seconds_count{method="model"} 0)",
        R"(usher_llm_requests_total{outcome="answered"} 0)",
        "usher_store_commit_duration_seconds_count 0",
        "usher_store_batch_size_count 0",
        "usher_store_queue_depth 0",
        "usher_outbox_pending 0",
        "usher_outbox_oldest_pending_seconds 0",
        "usher_outbox_lateness_seconds_count 0",
        R"(usher_outbox_deliveries_total{channel="sms",outcome="given_up"} 0)",
        R"(usher_actors_live{kind="level"} 0)",
        R"(usher_actor_restarts_total{kind="ticket"} 0)",
        "usher_agents_online 0",
        "usher_agent_load_ratio 0",
        "usher_sla_audit_differences_total 0",
        R"(usher_build_info{commit="abc",version="1.0"} 1)",
        "process_resident_memory_bytes "}) {
    CAPTURE(sample);
    CHECK(text.find("\n" + std::string(sample)) != std::string::npos);
  }
}

TEST_CASE("metrics: a clock that was met, and one that was not", "[metrics]") {
  counted t;
  t.count(t.create());
  CHECK(t.value(R"(usher_tickets_open{priority="high",tier="ENTERPRISE"})") == 1);
  CHECK(t.value(R"(usher_tickets_created_total{category="general_question",channel="web",tier="ENTERPRISE"})") == 1);
  CHECK(t.value(R"(usher_classifications_total{category="general_question",method="default"})") == 1);
  CHECK(t.value(R"(usher_sla_clocks_started_total{clock="first_response",tier="ENTERPRISE"})") == 1);
  t.now += 54min;  // of an hour
  t.count(t.staff_answers());
  CHECK(t.value(R"(usher_sla_clocks_met_total{clock="first_response",tier="ENTERPRISE"})") == 1);
  CHECK(t.value(R"(usher_sla_consumed_ratio_bucket{clock="first_response",tier="ENTERPRISE",le="0.75"})") == 0);
  CHECK(t.value(R"(usher_sla_consumed_ratio_bucket{clock="first_response",tier="ENTERPRISE",le="0.9"})") == 1);
  CHECK(t.value(R"(usher_sla_clock_duration_seconds_sum{clock="first_response",tier="ENTERPRISE"})") == 54 * 60);
  CHECK(t.value(R"(usher_messages_total{by="staff",visibility="public"})") == 1);

  t.now += 9h;
  t.count(t.set_status(ticket_status::resolved));
  CHECK(t.value(R"(usher_sla_breaches_total{clock="resolution",priority="high",tier="ENTERPRISE"})") == 1);
  CHECK(t.value(R"(usher_sla_clocks_met_total{clock="resolution",tier="ENTERPRISE"})") == 0);
  CHECK(t.value(R"(usher_sla_consumed_ratio_bucket{clock="resolution",tier="ENTERPRISE",le="1"})") == 0);
  CHECK(t.value(R"(usher_sla_consumed_ratio_bucket{clock="resolution",tier="ENTERPRISE",le="1.25"})") == 1);
  CHECK(t.value(R"(usher_tickets_open{priority="high",tier="ENTERPRISE"})") == 0);
  CHECK(t.value(R"(usher_tickets_resolved_total{tier="ENTERPRISE"})") == 1);
  t.count(t.customer_writes());
  CHECK(t.value(R"(usher_tickets_reopened_total{tier="ENTERPRISE"})") == 1);
  CHECK(t.value(R"(usher_tickets_open{priority="high",tier="ENTERPRISE"})") == 1);
}

TEST_CASE("metrics: what the ladder tells waits until somebody takes it", "[metrics]") {
  counted t;
  t.add_agent("sue", role::supervisor);
  t.add_agent("sam", role::agent);
  // The oldest that waits has an age on the wall's clock.
  t.now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) - 50min;
  t.count(t.create());
  t.count(t.must(assign_ticket{"sam"}, role::supervisor));
  t.now += 45min + 20ms;
  t.check();
  CHECK(t.value(R"(usher_escalations_total{level="1"})") == 1);
  CHECK(t.value(R"(usher_escalations_unacknowledged{level="1"})") == 1);
  CHECK(t.value("usher_escalation_lateness_seconds_count") == 1);
  CHECK(t.value(R"(usher_escalation_lateness_seconds_bucket{le="0.01"})") == 0);
  CHECK(t.value(R"(usher_escalation_lateness_seconds_bucket{le="0.02"})") == 1);
  auto age = t.value(R"(usher_escalations_oldest_unacknowledged_seconds{level="1"})");
  CHECK(age > 290);
  CHECK(age < 400);
  t.count(t.must(acknowledge_escalation{}, role::agent));
  CHECK(t.value(R"(usher_escalations_unacknowledged{level="1"})") == 0);
  CHECK(t.value(R"(usher_escalations_oldest_unacknowledged_seconds{level="1"})") == 0);
  CHECK(t.value(R"(usher_escalations_reached_nobody_total{level="3"})") == 0);
  t.now += 16min;
  t.check();  // level 3 and nobody to reach
  CHECK(t.value(R"(usher_escalations_reached_nobody_total{level="3"})") == 1);

  // Another process finds the same when it loads the ticket, and forgets it with the ticket.
  desk_metrics next("1.0", "abc");
  next.ticket_loaded(*t.ticket);
  auto text = next.text();
  auto waiting =
      std::ranges::count_if(t.ticket->escalations, [](const escalation& e) { return e.level == 4 && e.waits(); });
  REQUIRE(waiting == 1);
  CHECK(text.find(R"(usher_escalations_unacknowledged{level="4"} 1)") != std::string::npos);
  CHECK(text.find(R"(usher_escalations_total{level="4"} 0)") != std::string::npos);
  next.change_committed(t.must(delete_ticket{}, role::admin));
  CHECK(next.text().find(R"(usher_escalations_unacknowledged{level="4"} 0)") != std::string::npos);
}

TEST_CASE("metrics: an emergency is active until it is solved", "[metrics]") {
  counted t;
  alarmed_judge alarmed;
  t.reads = &alarmed;
  t.count(t.create());
  CHECK(t.value("usher_emergencies_active") == 1);
  CHECK(t.value(R"(usher_escalations_unacknowledged{level="999"})") == 1);
  CHECK(t.value(R"(usher_classifications_total{category="vendor_no_show",method="pattern+model"})") == 1);
  t.count(t.must(acknowledge_escalation{}, role::agent));
  CHECK(t.value("usher_emergencies_active") == 1);
  t.count(t.set_status(ticket_status::resolved));
  CHECK(t.value("usher_emergencies_active") == 0);
}

TEST_CASE("metrics: a category of the desk's own has its label, and their number is bounded", "[metrics]") {
  counted t;
  auto post = [&](const std::string& code) {
    t.settings.categories[code] = {code, priority::low, false, {}, false, 1};
    create_ticket command;
    command.id = ticket_id::generate();
    command.number = 1;
    command.organization = t.organization;
    command.subject = "x";
    command.body = "y";
    command.category = code;
    t.count(t.must(command, role::requester));
  };
  for (int i = 0; i < 250; ++i) post("own_" + std::to_string(i));
  CHECK(t.value(R"(usher_tickets_created_total{category="own_7",channel="web",tier="FREE"})") == 1);
  CHECK(t.value(R"(usher_tickets_created_total{category="own_249",channel="web",tier="FREE"})") == -1);
  CHECK(t.value(R"(usher_tickets_created_total{category="other",channel="web",tier="FREE"})") == 50);
  post("own_7");
  CHECK(t.value(R"(usher_tickets_created_total{category="own_7",channel="web",tier="FREE"})") == 2);
}

TEST_CASE("metrics: what is known of a crashed ticket is counted once, with what the store knew more", "[metrics]") {
  counted t;
  t.count(t.create());
  auto before = t.ticket;
  auto lost = t.set_priority(priority::critical);  // committed, and nobody heard of it
  t.metrics.ticket_reloaded(*before, *lost.after);
  CHECK(t.value(R"(usher_tickets_open{priority="high",tier="ENTERPRISE"})") == 0);
  CHECK(t.value(R"(usher_tickets_open{priority="critical",tier="ENTERPRISE"})") == 1);
}

TEST_CASE("metrics: histograms lose nothing under many threads", "[metrics]") {
  desk_metrics metrics("1.0", "abc");
  constexpr int threads = 4;
  constexpr int each = 20'000;
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&] {
      for (int n = 0; n < each; ++n) metrics.timer_fired(0.25);
    });
  all.clear();
  auto text = metrics.text();
  CHECK(text.find("usher_sla_timer_lateness_seconds_count 80000") != std::string::npos);
  CHECK(text.find("usher_sla_timer_lateness_seconds_sum 20000") != std::string::npos);
  CHECK(text.find(R"(usher_sla_timer_lateness_seconds_bucket{le="0.1"} 0)") != std::string::npos);
  CHECK(text.find(R"(usher_sla_timer_lateness_seconds_bucket{le="0.5"} 80000)") != std::string::npos);
}
