#include "metrics/desk_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "metrics/process_metrics.hpp"

namespace usher::metrics {

namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr std::array clocks{domain::clock_kind::first_response, domain::clock_kind::next_response,
                            domain::clock_kind::resolution};
constexpr std::array tiers{domain::tier::enterprise, domain::tier::professional, domain::tier::starter,
                           domain::tier::free};
constexpr std::array priorities{domain::priority::critical, domain::priority::high, domain::priority::medium,
                                domain::priority::low};
constexpr std::array channels{domain::channel::web, domain::channel::email, domain::channel::phone,
                              domain::channel::chat, domain::channel::api};
constexpr std::array<std::string_view, 5> kinds{"desk", "shard", "ticket", "level", "monitor"};
constexpr std::array<std::string_view, 8> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "other"};
constexpr int statuses = 600;

template <class Enum>
std::size_t index(Enum e) {
  return static_cast<std::size_t>(e);
}

std::string word(auto e) { return std::string(to_word(e)); }

std::size_t method_index(std::string_view method) {
  for (std::size_t i = 0; i + 1 < methods.size(); ++i) {
    if (methods[i] == method) return i;
  }
  return methods.size() - 1;
}

/// The edges are the promises: what an answer may take, and shares of a target.
const Histogram::BucketBoundaries http_seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10};
const Histogram::BucketBoundaries commit_seconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
const Histogram::BucketBoundaries batch_sizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
const Histogram::BucketBoundaries lateness_seconds{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 60, 600, 3600};
const Histogram::BucketBoundaries consumed_ratios{0.25, 0.5, 0.75, 0.9, 1, 1.25, 2};

}  // namespace

struct desk_metrics::families {
  prometheus::Registry registry;

  prometheus::Family<Counter>& http_requests;
  prometheus::Family<Histogram>& http_duration;
  prometheus::Family<Counter>& created_family;

  struct route {
    std::string name;
    Histogram* duration = nullptr;
    std::array<std::array<std::atomic<Counter*>, statuses>, methods.size()> requests{};
  };
  std::vector<std::unique_ptr<route>> routes;
  std::mutex lazy;

  std::unordered_map<std::string, std::array<std::array<Counter*, channels.size()>, tiers.size()>> created;
  std::array<std::array<Gauge*, priorities.size()>, tiers.size()> open{};
  std::array<std::array<Counter*, tiers.size()>, clocks.size()> started{};
  std::array<std::array<Counter*, tiers.size()>, clocks.size()> met{};
  std::array<std::array<std::array<Counter*, priorities.size()>, tiers.size()>, clocks.size()> breached{};
  std::array<std::array<Histogram*, tiers.size()>, clocks.size()> consumed{};
  std::array<Gauge*, kinds.size()> live{};
  std::array<Counter*, kinds.size()> restarts{};
  Histogram* lateness = nullptr;
  Histogram* commit = nullptr;
  Histogram* batch = nullptr;
  Gauge* timers = nullptr;
  Counter* repaired = nullptr;
  std::array<Counter*, 2> rounds{};  ///< failed, good
  Gauge* queue = nullptr;
  gauge_sources sources;

  template <class Builder>
  auto& family(Builder builder, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
  }

  families(std::string_view version, std::string_view commit_id);
  void add_ticket_families();
  void add_clock_families();
  void add_engine_families(std::string_view version, std::string_view commit_id);
  Counter& request_counter(route& r, std::size_t method, int status);
};

desk_metrics::families::families(std::string_view version, std::string_view commit_id)
    : http_requests(family(prometheus::BuildCounter(), "usher_http_requests_total", "Requests answered.")),
      http_duration(family(prometheus::BuildHistogram(), "usher_http_request_duration_seconds",
                           "Time from a request's last byte read to its answer.")),
      created_family(family(prometheus::BuildCounter(), "usher_tickets_created_total", "Tickets created.")) {
  add_ticket_families();
  add_clock_families();
  add_engine_families(version, commit_id);
}

void desk_metrics::families::add_ticket_families() {
  for (const auto& category : domain::default_categories()) {
    auto& cells = created[std::string(category.code)];
    for (auto t : tiers) {
      for (auto c : channels) {
        cells[index(t)][index(c)] =
            &created_family.Add({{"tier", word(t)}, {"category", std::string(category.code)}, {"channel", word(c)}});
      }
    }
  }
  auto& open_family = family(prometheus::BuildGauge(), "usher_tickets_open", "Tickets open, pending or on hold.");
  for (auto t : tiers) {
    for (auto p : priorities) open[index(t)][index(p)] = &open_family.Add({{"tier", word(t)}, {"priority", word(p)}});
  }
}

void desk_metrics::families::add_clock_families() {
  auto& started_family = family(prometheus::BuildCounter(), "usher_sla_clocks_started_total", "SLA clocks started.");
  auto& met_family = family(prometheus::BuildCounter(), "usher_sla_clocks_met_total", "SLA clocks stopped in time.");
  auto& breach_family = family(prometheus::BuildCounter(), "usher_sla_breaches_total", "SLA targets missed.");
  auto& consumed_family = family(prometheus::BuildHistogram(), "usher_sla_consumed_ratio",
                                 "Share of its target that a clock had used when it stopped.");
  for (auto c : clocks) {
    for (auto t : tiers) {
      prometheus::Labels labels{{"clock", word(c)}, {"tier", word(t)}};
      started[index(c)][index(t)] = &started_family.Add(labels);
      met[index(c)][index(t)] = &met_family.Add(labels);
      consumed[index(c)][index(t)] = &consumed_family.Add(labels, consumed_ratios);
      for (auto p : priorities) {
        labels["priority"] = word(p);
        breached[index(c)][index(t)][index(p)] = &breach_family.Add(labels);
      }
    }
  }
  lateness = &family(prometheus::BuildHistogram(), "usher_sla_timer_lateness_seconds",
                     "How long after a deadline its timer went off.")
                  .Add({}, lateness_seconds);
  timers = &family(prometheus::BuildGauge(), "usher_sla_timers_armed", "Timers that wait for a deadline.").Add({});
}

void desk_metrics::families::add_engine_families(std::string_view version, std::string_view commit_id) {
  commit = &family(prometheus::BuildHistogram(), "usher_store_commit_duration_seconds",
                   "Time from a batch's first statement to its COMMIT.")
                .Add({}, commit_seconds);
  batch =
      &family(prometheus::BuildHistogram(), "usher_store_batch_size", "Writes in a transaction.").Add({}, batch_sizes);
  queue = &family(prometheus::BuildGauge(), "usher_store_queue_depth", "Writes that wait for a lane.").Add({});
  auto& live_family = family(prometheus::BuildGauge(), "usher_actors_live", "Actors alive.");
  auto& restart_family =
      family(prometheus::BuildCounter(), "usher_actor_restarts_total", "Actors restarted after a crash.");
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    live[k] = &live_family.Add({{"kind", std::string(kinds[k])}});
    restarts[k] = &restart_family.Add({{"kind", std::string(kinds[k])}});
  }
  repaired = &family(prometheus::BuildCounter(), "usher_audit_repaired_total",
                     "Tickets whose timer the audit found missing and set again.")
                  .Add({});
  auto& round_family = family(prometheus::BuildCounter(), "usher_monitor_rounds_total", "Rounds of the monitor.");
  for (std::size_t good : {0U, 1U}) rounds[good] = &round_family.Add({{"outcome", good == 1 ? "good" : "failed"}});
  family(prometheus::BuildGauge(), "usher_build_info", "Always 1; the labels tell the build.")
      .Add({{"version", std::string(version)}, {"commit", std::string(commit_id)}})
      .Set(1);
}

Counter& desk_metrics::families::request_counter(route& r, std::size_t method, int status) {
  auto& cell = r.requests[method][static_cast<std::size_t>(status)];
  if (auto* known = cell.load(std::memory_order_acquire)) return *known;
  std::scoped_lock guard(lazy);
  auto& made = http_requests.Add(
      {{"method", std::string(methods[method])}, {"route", r.name}, {"status", std::to_string(status)}});
  cell.store(&made, std::memory_order_release);
  return made;
}

desk_metrics::desk_metrics(std::string_view version, std::string_view commit)
    : families_(std::make_unique<families>(version, commit)) {}

desk_metrics::~desk_metrics() = default;

void desk_metrics::set_routes(const std::vector<std::string>& templates) {
  for (const auto& name : templates) {
    auto r = std::make_unique<families::route>();
    r->name = name;
    r->duration = &families_->http_duration.Add({{"route", name}}, http_seconds);
    families_->request_counter(*r, 0, 200);
    families_->routes.push_back(std::move(r));
  }
}

void desk_metrics::set_gauge_sources(gauge_sources sources) { families_->sources = std::move(sources); }

void desk_metrics::http_request_done(std::size_t route, std::string_view method, int status, double seconds) {
  if (families_->routes.empty() || status < 0 || status >= statuses) return;
  auto& r = *families_->routes[std::min(route, families_->routes.size() - 1)];
  families_->request_counter(r, method_index(method), status).Increment();
  r.duration->Observe(seconds);
}

void desk_metrics::ticket_loaded(const domain::ticket& t) {
  if (t.counts_as_open()) families_->open[index(t.tier)][index(t.priority)]->Increment();
}

void desk_metrics::change_committed(const domain::change& what) {
  const auto& after = *what.after;
  auto tier = index(after.tier);
  if (what.before && what.before->counts_as_open()) families_->open[tier][index(what.before->priority)]->Decrement();
  if (after.counts_as_open()) families_->open[tier][index(after.priority)]->Increment();
  if (what.is_creation()) {
    auto cells = families_->created.find(after.category);
    if (cells != families_->created.end()) cells->second[tier][index(after.via)]->Increment();
  }
  for (const auto& event : what.events) {
    const auto* clock = std::get_if<domain::clock_changed>(&event);
    if (clock == nullptr) continue;
    auto kind = index(clock->kind);
    if (clock->event.type == domain::clock_event_type::start) families_->started[kind][tier]->Increment();
    if (clock->event.type == domain::clock_event_type::breach)
      families_->breached[kind][tier][index(after.priority)]->Increment();
    if (clock->event.type != domain::clock_event_type::stop) continue;
    const auto* folded = after.latest(clock->kind);
    if (folded == nullptr || folded->target().count() == 0) continue;
    if (!folded->breach_recorded()) families_->met[kind][tier]->Increment();
    families_->consumed[kind][tier]->Observe(static_cast<double>(folded->elapsed(what.at).count()) /
                                             static_cast<double>(folded->target().count()));
  }
}

void desk_metrics::timer_fired(double lateness_seconds_now) { families_->lateness->Observe(lateness_seconds_now); }

void desk_metrics::store_committed(double seconds, std::size_t batch_size) {
  families_->commit->Observe(seconds);
  families_->batch->Observe(static_cast<double>(batch_size));
}

void desk_metrics::audit_repaired(std::int64_t tickets) { families_->repaired->Increment(static_cast<double>(tickets)); }
void desk_metrics::monitor_round_done(bool good) { families_->rounds[good ? 1 : 0]->Increment(); }
void desk_metrics::actor_started(actor_kind kind) { families_->live[index(kind)]->Increment(); }
void desk_metrics::actor_stopped(actor_kind kind) { families_->live[index(kind)]->Decrement(); }
void desk_metrics::actor_restarted(actor_kind kind) { families_->restarts[index(kind)]->Increment(); }

std::string desk_metrics::text() {
  if (families_->sources.timers_armed) families_->timers->Set(families_->sources.timers_armed());
  if (families_->sources.store_queue_depth) families_->queue->Set(families_->sources.store_queue_depth());
  std::string out = prometheus::TextSerializer().Serialize(families_->registry.Collect());
  append_process_metrics(out);
  return out;
}

}  // namespace usher::metrics
