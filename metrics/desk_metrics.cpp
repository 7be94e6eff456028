#include "metrics/desk_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <utility>

#include "metrics/histogram_family.hpp"
#include "metrics/http_metrics.hpp"
#include "metrics/label_values.hpp"
#include "metrics/process_metrics.hpp"
#include "metrics/ticket_metrics.hpp"

namespace usher::metrics {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::Counter;
using prometheus::Gauge;

auto& family(auto builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

/// A gauge that is read when somebody scrapes.
struct read_gauge {
  std::function<double()> gauge_sources::*source;
  const char* name;
  const char* help;
};

constexpr std::array<read_gauge, 8> read_gauges{{
    {&gauge_sources::timers_armed, "usher_sla_timers_armed", "Timers that wait for a deadline."},
    {&gauge_sources::store_queue_depth, "usher_store_queue_depth", "Writes that wait for a lane."},
    {&gauge_sources::store_reachable, "usher_store_reachable", "Whether the database answers."},
    {&gauge_sources::ready, "usher_ready", "Whether the desk serves: recovered, reachable, not draining."},
    {&gauge_sources::agents_online, "usher_agents_online", "Agents who are online."},
    {&gauge_sources::agent_load_ratio, "usher_agent_load_ratio",
     "Open tickets of the agents online, over what they can take together."},
    {&gauge_sources::outbox_pending, "usher_outbox_pending", "Notifications that are not delivered yet."},
    {&gauge_sources::outbox_oldest_seconds, "usher_outbox_oldest_pending_seconds",
     "For how long the oldest of them has waited; 0 when none does."},
}};

}  // namespace

struct desk_metrics::families {
  families(std::string_view version, std::string_view commit_id);
  void add_engine();
  void add_reading_and_telling();

  prometheus::Registry registry;
  http_metrics http{registry};
  ticket_metrics tickets{registry};

  histogram_family lateness_family{"usher_sla_timer_lateness_seconds",
                                   "How long after a deadline its timer went off.",
                                   {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 60, 600, 3600}};
  histogram_family commit_family{"usher_store_commit_duration_seconds",
                                 "Time from a batch's first statement to its COMMIT.",
                                 {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5}};
  histogram_family batch_family{
      "usher_store_batch_size", "Writes in a transaction.", {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};
  histogram_family reading_family{"usher_classification_duration_seconds",
                                  "Time to read a text.",
                                  {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 1}};
  histogram_family notice_family{"usher_outbox_lateness_seconds",
                                 "How long after a change its notifications' first tries began.",
                                 {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 60, 600}};
  histogram& notice = notice_family.add();
  histogram& lateness = lateness_family.add();
  histogram& commit = commit_family.add();
  histogram& batch = batch_family.add();
  std::array<histogram*, verdict_methods.size()> reading{};

  std::array<Gauge*, actor_kinds.size()> live{};
  std::array<Counter*, actor_kinds.size()> restarts{};
  std::array<Gauge*, read_gauges.size()> read{};
  std::array<Counter*, llm_outcomes.size()> llm{};
  std::array<std::array<Counter*, delivery_outcomes.size()>, delivery_channels.size()> deliveries{};
  Counter* audits = nullptr;
  Counter* differences = nullptr;
  gauge_sources sources;
};

desk_metrics::families::families(std::string_view version, std::string_view commit_id) {
  add_engine();
  add_reading_and_telling();
  for (std::size_t i = 0; i < read_gauges.size(); ++i)
    read[i] = &family(BuildGauge(), registry, read_gauges[i].name, read_gauges[i].help).Add({});
  family(BuildGauge(), registry, "usher_build_info", "Always 1; the labels tell the build.")
      .Add({{"version", std::string(version)}, {"commit", std::string(commit_id)}})
      .Set(1);
}

void desk_metrics::families::add_engine() {
  auto& live_family = family(BuildGauge(), registry, "usher_actors_live", "Actors alive.");
  auto& restart_family =
      family(BuildCounter(), registry, "usher_actor_restarts_total", "Actors restarted after a crash.");
  for (std::size_t k = 0; k < actor_kinds.size(); ++k) {
    live[k] = &live_family.Add({{"kind", std::string(actor_kinds[k])}});
    restarts[k] = &restart_family.Add({{"kind", std::string(actor_kinds[k])}});
  }
  audits =
      &family(BuildCounter(), registry, "usher_sla_audits_total", "Comparisons of every clock with its timer.").Add({});
  differences = &family(BuildCounter(), registry, "usher_sla_audit_differences_total",
                        "Tickets that such a comparison found to be unwatched, and repaired.")
                     .Add({});
}

void desk_metrics::families::add_reading_and_telling() {
  for (std::size_t m = 0; m < verdict_methods.size(); ++m)
    reading[m] = &reading_family.add({{"method", std::string(verdict_methods[m])}});
  auto& llm_family =
      family(BuildCounter(), registry, "usher_llm_requests_total", "Requests to a language model, by how they ended.");
  for (std::size_t o = 0; o < llm_outcomes.size(); ++o)
    llm[o] = &llm_family.Add({{"outcome", std::string(llm_outcomes[o])}});
  auto& delivery_family =
      family(BuildCounter(), registry, "usher_outbox_deliveries_total", "Tries to deliver a notification.");
  for (std::size_t c = 0; c < delivery_channels.size(); ++c) {
    for (std::size_t o = 0; o < delivery_outcomes.size(); ++o)
      deliveries[c][o] = &delivery_family.Add(
          {{"channel", std::string(delivery_channels[c])}, {"outcome", std::string(delivery_outcomes[o])}});
  }
}

desk_metrics::desk_metrics(std::string_view version, std::string_view commit)
    : families_(std::make_unique<families>(version, commit)) {}

desk_metrics::~desk_metrics() = default;

void desk_metrics::set_routes(const std::vector<std::string>& templates) { families_->http.set_routes(templates); }
void desk_metrics::set_gauge_sources(gauge_sources sources) { families_->sources = std::move(sources); }

void desk_metrics::http_refused(std::string_view reason, std::string_view what) {
  families_->http.refused(reason, what);
}

void desk_metrics::http_request_done(std::size_t route, std::string_view method, int status, double seconds) {
  families_->http.request_done(route, method, status, seconds);
}

void desk_metrics::ticket_loaded(const domain::ticket& t) { families_->tickets.moved(nullptr, t); }
void desk_metrics::ticket_reloaded(const domain::ticket& counted, const domain::ticket& now) {
  families_->tickets.moved(&counted, now);
}
void desk_metrics::change_committed(const domain::change& what) { families_->tickets.committed(what); }

void desk_metrics::timer_fired(double lateness_seconds) { families_->lateness.observe(lateness_seconds); }

void desk_metrics::clocks_audited(std::int64_t differences) {
  families_->audits->Increment();
  families_->differences->Increment(static_cast<double>(differences));
}

void desk_metrics::store_committed(double seconds, std::size_t batch_size) {
  families_->commit.observe(seconds);
  families_->batch.observe(static_cast<double>(batch_size));
}

void desk_metrics::text_classified(std::string_view method, double seconds) {
  families_->reading[index_of(verdict_methods, method)]->observe(seconds);
}

void desk_metrics::llm_asked(std::string_view outcome) { families_->llm[index_of(llm_outcomes, outcome)]->Increment(); }

void desk_metrics::delivery_tried(std::string_view channel, std::string_view outcome) {
  families_->deliveries[index_of(delivery_channels, channel)][index_of(delivery_outcomes, outcome)]->Increment();
}

void desk_metrics::notification_left(double lateness_seconds) { families_->notice.observe(lateness_seconds); }

void desk_metrics::actor_started(actor_kind kind) { families_->live[index(kind)]->Increment(); }
void desk_metrics::actor_stopped(actor_kind kind) { families_->live[index(kind)]->Decrement(); }
void desk_metrics::actor_restarted(actor_kind kind) { families_->restarts[index(kind)]->Increment(); }

std::string desk_metrics::text() {
  auto& all = *families_;
  for (std::size_t i = 0; i < read_gauges.size(); ++i) {
    const auto& source = all.sources.*read_gauges[i].source;
    if (source) all.read[i]->Set(source());
  }
  all.tickets.look_at(std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now()));
  auto collected = all.registry.Collect();
  all.tickets.collect(collected);
  collected.push_back(all.http.collect());
  for (const auto* each :
       {&all.lateness_family, &all.commit_family, &all.batch_family, &all.reading_family, &all.notice_family})
    collected.push_back(each->collect());
  std::string out = prometheus::TextSerializer().Serialize(collected);
  append_process_metrics(out);
  return out;
}

}  // namespace usher::metrics
