#include "metrics/http_metrics.hpp"

#include <algorithm>

#include "metrics/label_values.hpp"

namespace usher::metrics {

// The edges are the promises: what an answer may take.
http_metrics::http_metrics(prometheus::Registry& registry)
    : requests_(
          prometheus::BuildCounter().Name("usher_http_requests_total").Help("Requests answered.").Register(registry)),
      durations_("usher_http_request_duration_seconds", "Time from a request's last byte read to its answer.",
                 {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10}) {
  auto& refused = prometheus::BuildCounter()
                      .Name("usher_http_refused_total")
                      .Help("Requests and connections turned away that would be served at another time.")
                      .Register(registry);
  for (std::size_t why = 0; why < refusal_reasons.size(); ++why)
    for (std::size_t what = 0; what < refused_classes.size(); ++what)
      refused_[why][what] =
          &refused.Add({{"reason", std::string(refusal_reasons[why])}, {"class", std::string(refused_classes[what])}});
}

void http_metrics::refused(std::string_view reason, std::string_view what) {
  refused_[index_of(refusal_reasons, reason)][index_of(refused_classes, what)]->Increment();
}

void http_metrics::set_routes(const std::vector<std::string>& templates) {
  for (const auto& name : templates) {
    auto r = std::make_unique<route>();
    r->name = name;
    r->duration = &durations_.add({{"route", name}});
    counter(*r, 0, 200);
    routes_.push_back(std::move(r));
  }
}

void http_metrics::request_done(std::size_t which, std::string_view method, int status, double seconds) {
  if (routes_.empty() || status < 0 || status >= statuses) return;
  auto& r = *routes_[std::min(which, routes_.size() - 1)];
  counter(r, index_of(methods, method), status).Increment();
  r.duration->observe(seconds);
}

prometheus::Counter& http_metrics::counter(route& r, std::size_t method, int status) {
  auto& cell = r.requests[method][static_cast<std::size_t>(status)];
  if (auto* known = cell.load(std::memory_order_acquire)) return *known;
  std::scoped_lock guard(lazy_);
  auto& made =
      requests_.Add({{"method", std::string(methods[method])}, {"route", r.name}, {"status", std::to_string(status)}});
  cell.store(&made, std::memory_order_release);
  return made;
}

}  // namespace usher::metrics
