#include "loadtest/server_watch.hpp"

#include <algorithm>

namespace usher::load {

namespace {

constexpr std::chrono::milliseconds scrape_time_limit{2000};
constexpr const char* http_seconds = "usher_http_request_duration_seconds";

std::optional<double> difference(const std::optional<double>& later, const std::optional<double>& earlier) {
  if (!later) return std::nullopt;
  return *later - earlier.value_or(0);
}

std::optional<double> times(std::optional<double> value, double factor) {
  if (value) *value *= factor;
  return value;
}

std::optional<double> refusals(const exposition& e) {
  auto limited = e.sum("usher_http_requests_total", "status=\"429\"");
  auto unavailable = e.sum("usher_http_requests_total", "status=\"503\"");
  return limited.value_or(0) + unavailable.value_or(0);
}

server_point point_of(const exposition& now, const exposition* before, double at, double since) {
  server_point p;
  p.at_seconds = at;
  p.queue_depth = now.sum("usher_store_queue_depth");
  p.tickets_open = now.sum("usher_tickets_open");
  p.memory_bytes = now.sum("process_resident_memory_bytes");
  if (before == nullptr || since <= 0) return p;
  auto rate = [&](const char* counter) { return times(difference(now.sum(counter), before->sum(counter)), 1 / since); };
  p.requests_per_second = rate("usher_http_requests_total");
  p.creates_per_second = rate("usher_tickets_created_total");
  p.cpu_cores = rate("process_cpu_seconds_total");
  p.http_p95_ms = times(now.quantile(http_seconds, 0.95, before), 1e3);
  p.http_p99_ms = times(now.quantile(http_seconds, 0.99, before), 1e3);
  p.commit_p95_ms = times(now.quantile("usher_store_commit_duration_seconds", 0.95, before), 1e3);
  return p;
}

}  // namespace

server_watch::server_watch(target where, std::string path)
    : path_(std::move(path)), client_(std::move(where), scrape_time_limit) {}

void server_watch::start(steady::time_point begin, std::chrono::milliseconds every) {
  if (path_.empty()) return;
  begin_ = begin;
  every_ = every;
  scrape();
  thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

void server_watch::run(const std::stop_token& stopping) {
  std::unique_lock guard(mutex_);
  while (!wake_.wait_for(guard, stopping, every_, [&] { return stopping.stop_requested(); })) {
    guard.unlock();
    scrape();
    guard.lock();
  }
}

void server_watch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  scrape();
}

void server_watch::scrape() {
  auto answer = client_.send({"GET", path_, {}, {}, {}});
  double at = std::chrono::duration<double>(steady::now() - begin_).count();
  if (!answer || answer->status != 200) return;
  auto read = exposition::parse(answer->body);
  std::scoped_lock guard(mutex_);
  points_.push_back(point_of(read, last_ ? &*last_ : nullptr, at, at - last_at_));
  if (points_.size() > points_max) {
    for (std::size_t i = 0; 2 * i < points_.size(); ++i) points_[i] = points_[2 * i];
    points_.resize((points_.size() + 1) / 2);
    every_ *= 2;
  }
  if (!first_) first_ = read;
  last_ = std::move(read);
  last_at_ = at;
}

std::vector<server_point> server_watch::points() const {
  std::scoped_lock guard(mutex_);
  return points_;
}

server_totals server_watch::totals() const {
  std::scoped_lock guard(mutex_);
  server_totals out;
  if (!first_) return out;
  auto grown = [&](const char* counter) { return difference(last_->sum(counter), first_->sum(counter)); };
  out.requests = grown("usher_http_requests_total");
  auto scrapes = "route=\"" + path_ + "\"";
  if (auto own = difference(last_->sum("usher_http_requests_total", scrapes),
                            first_->sum("usher_http_requests_total", scrapes)))
    *out.requests -= *own;
  out.created = grown("usher_tickets_created_total");
  out.refused = difference(refusals(*last_), refusals(*first_));
  out.breaches = grown("usher_sla_breaches_total");
  out.escalations = grown("usher_escalations_total");
  out.lateness_p99_seconds = last_->quantile("usher_sla_timer_lateness_seconds", 0.99, &*first_);
  out.memory_before_bytes = points_.front().memory_bytes;
  out.memory_after_bytes = points_.back().memory_bytes;
  for (const auto& p : points_) out.memory_most_bytes = std::max(out.memory_most_bytes, p.memory_bytes);
  return out;
}

bool server_watch::is_blind() const {
  std::scoped_lock guard(mutex_);
  return !first_;
}

}  // namespace usher::load
