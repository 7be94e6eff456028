#include "loadtest/load_run.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "domain/time.hpp"
#include "loadtest/arrival_plan.hpp"
#include "loadtest/lane.hpp"
#include "loadtest/preparation.hpp"

namespace usher::load {

namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr std::size_t series_points_max = 900;

/// SIGINT and SIGTERM, taken from everybody, to be asked for.
class signal_mask {
 public:
  signal_mask() {
    sigemptyset(&wanted_);
    sigaddset(&wanted_, SIGINT);
    sigaddset(&wanted_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &wanted_, &before_);
  }
  ~signal_mask() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signal_mask(const signal_mask&) = delete;
  signal_mask& operator=(const signal_mask&) = delete;

  /// Waits for one; false when the time is over before.
  bool wait(std::chrono::milliseconds at_most) {
    timespec t{at_most.count() / 1000, at_most.count() % 1000 * 1'000'000};
    return sigtimedwait(&wanted_, nullptr, &t) > 0;
  }

 private:
  sigset_t wanted_{};
  sigset_t before_{};
};

std::vector<labelled_ticket> corpus_of(const run_options& options) {
  const auto& path = options.corpus.empty() ? options.what.corpus : options.corpus;
  if (!path.empty()) return read_corpus(path);
  const auto* built_in = find_shipped("tickets.jsonl");
  std::istringstream text{std::string(built_in->text)};
  return parse_corpus(text, "tickets.jsonl");
}

std::string now_text() {
  return domain::format_rfc3339(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

}  // namespace

struct load_run::inside {
  inside(run_options o, run_listener l)
      : options(std::move(o)),
        listener(std::move(l)),
        tokens(options.key_file.empty() ? std::nullopt : std::optional(token_maker::from_file(options.key_file))),
        people(make_crowd(options.what.cast, tokens ? &*tokens : nullptr, options.seed)),
        texts(corpus_of(options)),
        watch(options.where, options.what.metrics),
        finder(options.what),
        slot_seconds(std::max(1.0, std::ceil(in_seconds(options.what.duration()) / series_points_max))) {
    for (const auto& j : options.what.journeys) {
      if (!texts.has(j.category)) throw std::runtime_error("the corpus has no ticket of category " + j.category);
    }
    run_id = "load-" + domain::to_string(domain::new_uuid_v7());
    auto& r = out;
    r.seed = options.seed;
    r.scale = options.scale;
    r.target = options.url;
    r.run_id = run_id;
    r.organizations = people.organizations.size();
    r.customers = people.customers.size();
    for (const auto& each : people.organizations)
      r.largest_share = std::max(r.largest_share, double(each.customers) / double(people.customers.size()));
  }

  void start_lanes(const lane_props& shared, std::vector<std::jthread>& threads);
  void watch_lanes(signal_mask& signals);
  void end_second(double at);
  void close_slot();
  void close_last_slot();
  void show(double at, bool second);

  run_options options;
  run_listener listener;
  std::optional<token_maker> tokens;
  crowd people;
  ticket_texts texts;
  ticket_book book;
  recorder figures;
  server_watch watch;
  limit_finder finder;
  const double slot_seconds;
  std::string run_id;
  std::vector<std::unique_ptr<lane>> lanes;
  std::atomic<std::size_t> lanes_running{0};
  std::vector<std::exception_ptr> failures;
  steady::time_point begin;
  measures slot;
  measures last_slot;
  series_point point;
  double last_end = 0;
  nanoseconds cpu_before{0};
  run_result out;
};

load_run::load_run(run_options options, run_listener listener)
    : inside_(std::make_unique<inside>(std::move(options), std::move(listener))) {}

load_run::~load_run() = default;

void load_run::prepare() {
  auto& in = *inside_;
  if (!in.tokens) return;
  in.listener.say("making " + std::to_string(in.people.organizations.size()) + " organizations with " +
                  std::to_string(in.people.customers.size()) + " customers");
  make_organizations(in.options.where, in.people);
  if (in.options.what.cast.register_agents && !register_agents(in.options.where, in.people))
    in.listener.say("the server has no route for agents: they work without being registered");
}

void load_run::inside::start_lanes(const lane_props& shared, std::vector<std::jthread>& threads) {
  auto count = options.what.limits.threads;
  failures.resize(count);
  lanes_running = count;
  for (std::size_t i = 0; i < count; ++i) lanes.push_back(std::make_unique<lane>(shared, i, count));
  begin = steady::now() + std::chrono::milliseconds{50};
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([this, i] {
      try {
        lanes[i]->run(begin);
      } catch (...) {
        failures[i] = std::current_exception();
      }
      --lanes_running;
    });
  }
}

void load_run::inside::show(double at, bool second) {
  live_state state;
  state.what = &options.what;
  state.at_seconds = at;
  state.series = &out.series;
  state.total = &out.total;
  for (const auto& l : lanes) state.in_flight += l->journeys_under_way();
  state.acknowledged = book.ticket_count();
  state.late = !out.series.empty() && out.series.back().lag_p99_ms > lag_max_ms;
  state.second = second;
  listener.show(state);
}

void load_run::inside::close_slot() {
  auto all = slot.sum();
  auto& p = point;
  double per_second = slot.seconds > 0 ? 1 / slot.seconds : 0;
  p.seconds = slot.seconds;
  p.journeys = static_cast<double>(slot.journeys) * per_second;
  p.requests = static_cast<double>(all.requests()) * per_second;
  for (std::size_t i = 0; i < outcomes; ++i) p.by_outcome[i] = static_cast<double>(all.by_outcome[i]) * per_second;
  p.p50_ms = in_milliseconds(all.duration.quantile(0.5));
  p.p95_ms = in_milliseconds(all.duration.quantile(0.95));
  p.p99_ms = in_milliseconds(all.duration.quantile(0.99));
  p.max_ms = in_milliseconds(all.duration.max());
  p.lag_p99_ms = in_milliseconds(slot.lag.quantile(0.99));
  p.heat = all.duration.counts_between(heat_edges());
  nanoseconds cpu{0};
  for (const auto& l : lanes) {
    p.in_flight += l->journeys_under_way();
    p.connections += l->connections();
    cpu += l->cpu();
  }
  if (cpu > cpu_before) p.cpu_share = in_seconds(cpu - cpu_before) * per_second / static_cast<double>(lanes.size());
  cpu_before = cpu;
  out.series.push_back(std::move(point));
  point = {};
  last_slot = std::exchange(slot, {});
}

// What is left at the end is too short for rates of its own: it belongs to the slot before.
void load_run::inside::close_last_slot() {
  if (slot.seconds == 0) return;
  if (slot.seconds > slot_seconds / 2 || out.series.empty()) {
    close_slot();
    return;
  }
  auto before = std::move(out.series.back());
  out.series.pop_back();
  last_slot.merge(slot);
  slot = std::move(last_slot);
  point = {};
  point.at_seconds = before.at_seconds;
  point.stage = before.stage;
  point.planned_rate = before.planned_rate;
  close_slot();
  out.series.back().cpu_share = before.cpu_share;
}

void load_run::inside::end_second(double at) {
  auto second = figures.take(at - last_end);
  if (slot.seconds == 0) {
    point.at_seconds = last_end;
    auto middle = from_seconds((last_end + at) / 2);
    point.planned_rate = planned_rate(options.what, middle);
    nanoseconds ends{0};
    for (const auto& s : options.what.stages) {
      ends += s.duration;
      if (middle < ends || point.stage + 1 == options.what.stages.size()) break;
      ++point.stage;
    }
  }
  out.total.merge(second);
  slot.merge(second);
  last_end = at;
  if (slot.seconds + 0.5 >= slot_seconds) close_slot();
  if (!out.limit && !out.series.empty()) {
    out.limit = finder.add(second, out.series.back());
    if (out.limit) {
      out.ended = "gave way";
      for (auto& l : lanes) l->stop();
    }
  }
}

void load_run::inside::watch_lanes(signal_mask& signals) {
  out.ended = "finished";
  bool asked = false;
  while (lanes_running > 0) {
    if (signals.wait(look_every)) {
      if (asked) std::_Exit(130);
      asked = true;
      out.ended = "interrupted";
      listener.say("stopping: no new journeys; once more to leave at once");
      for (auto& l : lanes) l->stop();
    }
    double at = in_seconds(steady::now() - begin);
    bool second = at - last_end >= 1;
    if (second) end_second(at);
    show(at, second);
  }
  double at = in_seconds(steady::now() - begin);
  if (at > last_end) {
    auto rest = figures.take(at - last_end);
    out.total.merge(rest);
    slot.merge(rest);
  }
  close_last_slot();
}

void load_run::play() {
  auto& in = *inside_;
  in.out.started_at = now_text();
  auto address = resolve(in.options.where);
  if (!address) throw std::runtime_error(address.error());
  lane_props shared{{in.options.what, in.people, in.texts, in.run_id},
                    in.options.seed,
                    address->host,
                    static_cast<unsigned short>(std::stoul(address->port)),
                    host_header(in.options.where),
                    in.book,
                    in.figures};
  signal_mask signals;
  std::vector<std::jthread> threads;
  in.watch.start(steady::now(), std::chrono::seconds{1});
  in.start_lanes(shared, threads);
  in.watch_lanes(signals);
  threads.clear();
  in.watch.stop();
  for (const auto& l : in.lanes) in.out.events += l->events();
  in.lanes.clear();
  for (const auto& failure : in.failures) {
    if (failure) std::rethrow_exception(failure);
  }
  in.out.seconds = in.out.total.seconds;
}

void load_run::verify() {
  auto& in = *inside_;
  if (!in.options.verify || !in.tokens || in.people.organizations.empty()) return;
  verification v;
  v.tickets = in.book.tickets().size();
  v.messages = in.book.messages().size();
  v.not_kept = in.book.not_kept();
  in.listener.say("looking for " + show_count(double(v.tickets)) + " tickets and " + show_count(double(v.messages)) +
                  " messages that were acknowledged");
  try {
    look_in_api(v, in.options.where, in.people, *in.tokens, in.book);
    if (!in.options.database.empty()) look_in_database(v, in.options.database, in.book);
    in.out.total.lost = v.lost();
  } catch (const std::runtime_error& problem) {
    v.problem = problem.what();
  }
  in.out.verified = std::move(v);
}

run_result load_run::result() {
  auto& in = *inside_;
  in.out.server = in.watch.points();
  in.out.server_total = in.watch.totals();
  in.out.server_blind = in.watch.is_blind();
  in.out.generator = judge_generator(in.out.series, in.out.total, in.options.what.limits.threads);
  in.out.recovery_seconds = recovery_after(in.out.series);
  in.out.total.memory_growth = memory_growth_of(in.out.server);
  for (const auto& t : in.options.what.thresholds) {
    verdict v{t, measure(in.out.total, in.options.what, t), false};
    v.ok = v.value && t.holds(*v.value);
    in.out.verdicts.push_back(std::move(v));
  }
  in.out.what = in.options.what;
  return std::move(in.out);
}

}  // namespace usher::load
