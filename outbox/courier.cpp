#include "outbox/courier.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <random>
#include <thread>

#include "metrics/log/log.hpp"
#include "outbox/work.hpp"

namespace usher::outbox {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using domain::instant;
using store::outbox_queue;

constexpr auto reconnect_first = 50ms;
constexpr auto reconnect_longest = 5s;
constexpr auto alert_every = 1h;
constexpr auto purge_every = 10min;

random_source make_random() {
  return [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace

struct courier::engine {
  engine(store::outbox_store& from_store, channel_set ways, const domain::clock_port& wall, courier_settings given,
         courier_observer watcher)
      : from(from_store),
        channels(std::move(ways)),
        clock(wall),
        settings(std::move(given)),
        observer(std::move(watcher)),
        retries(settings.retries, make_random()),
        book(settings.shares) {}

  void run();
  void wait();
  /// One round: writes down, looks around, takes, hands out. Throws when the database doesn't answer.
  void work();
  void settle();
  void survey();
  void claim();
  [[nodiscard]] bool takes();
  void give_out(store::outbox_claim claimed);
  void finish(job done);
  void note_trouble(const std::exception& why);
  void deliver(job& what) const;
  void worker();
  [[nodiscard]] bool is_over();

  store::outbox_store& from;
  channel_set channels;
  const domain::clock_port& clock;
  courier_settings settings;
  courier_observer observer;
  backoff retries;

  // -- the courier's thread only --
  queue_book book;
  std::map<outbox_queue, steady::time_point> alerted;
  std::vector<job> unwritten;          ///< ended, and not recorded yet
  std::vector<domain::uuid> returned;  ///< stopped before they were tried
  int failures = 0;
  steady::time_point survey_at{};
  steady::time_point purge_at = steady::now() + 1min;

  // -- shared --
  std::mutex mutex;
  std::condition_variable changed;       ///< for the courier's thread
  std::condition_variable work_changed;  ///< for the workers
  std::vector<outbox_queue> rung;
  std::deque<job> todo;
  std::vector<job> ended;
  bool closing = false;  ///< nothing new is taken
  bool closed = false;   ///< what is under way ends
  steady::time_point give_up_at = steady::time_point::max();
  std::stop_source stop_deliveries;
  std::atomic<std::int64_t> pending{0};
  std::atomic<std::int64_t> oldest_ms{0};
  std::atomic<bool> well_ended{false};

  std::vector<std::jthread> workers;
  std::jthread thread;
};

// -- delivering -------------------------------------------------------------------------------------------------------

void courier::engine::deliver(job& what) const {
  what.began = clock.now();
  const auto begun = steady::now();
  const auto way = channels.find(what.row.queue.channel);
  if (!what.refusal.empty()) {
    what.result = {outcome::rejected, 0, what.refusal, std::nullopt};
  } else if (way == channels.end()) {
    what.refusal = "no " + what.row.queue.channel + " channel is configured";
    what.result = {outcome::rejected, 0, what.refusal, std::nullopt};
  } else {
    what.result = way->second->deliver(what.what, stop_deliveries.get_token());
  }
  what.took = std::chrono::duration_cast<domain::milliseconds>(steady::now() - begun);
}

void courier::engine::worker() {
  std::unique_lock lock(mutex);
  while (true) {
    work_changed.wait(lock, [this] { return closed || !todo.empty(); });
    if (todo.empty()) return;
    auto next = std::move(todo.front());
    todo.pop_front();
    lock.unlock();
    if (stop_deliveries.stop_requested())
      next.untried = true;
    else
      deliver(next);
    lock.lock();
    ended.push_back(std::move(next));
    changed.notify_one();
  }
}

// -- the courier's round ----------------------------------------------------------------------------------------------

void courier::engine::run() {
  while (true) {
    wait();
    try {
      work();
      if (failures > 0) log::info("the courier reaches the database again");
      failures = 0;
    } catch (const std::exception& why) {
      note_trouble(why);
    }
    if (is_over()) break;
  }
}

bool courier::engine::is_over() {
  std::scoped_lock lock(mutex);
  const bool idle = book.under_way() == 0 && ended.empty() && unwritten.empty() && returned.empty();
  if (closed && idle) well_ended = true;
  return closed && (idle || steady::now() >= give_up_at);
}

void courier::engine::note_trouble(const std::exception& why) {
  if (failures++ == 0) log::warn("the courier can't use the database", {{"why", why.what()}});
}

void courier::engine::wait() {
  const auto due = book.next_due(clock.now(), steady::now());
  std::unique_lock lock(mutex);
  if (failures > 0) {
    const auto limit =
        std::min<domain::milliseconds>(reconnect_longest, reconnect_first * (1 << std::min(failures, 7)));
    const bool was_closed = closed;
    changed.wait_until(lock, std::min(steady::now() + limit, give_up_at),
                       [this, was_closed] { return closed && (!was_closed || steady::now() >= give_up_at); });
  } else {
    auto until = closing ? steady::time_point::max() : survey_at;
    if (due && !closing) until = std::min(until, *due);
    until = std::min(until, give_up_at);
    const auto awake = [this] {
      return !ended.empty() || (!rung.empty() && !closing) || (closed && book.under_way() == 0);
    };
    if (until == steady::time_point::max())
      changed.wait(lock, awake);
    else
      changed.wait_until(lock, until, awake);
  }
  for (const auto& queue : rung) book.expect(queue, clock.now());
  rung.clear();
}

void courier::engine::work() {
  settle();
  if (!takes()) return;
  if (steady::now() >= survey_at) survey();
  claim();
  if (steady::now() < purge_at) return;
  while (from.purge(clock.now() - settings.keep) > 0) {
  }
  purge_at = steady::now() + purge_every;
}

bool courier::engine::takes() {
  std::scoped_lock lock(mutex);
  return !closing;
}

void courier::engine::settle() {
  std::vector<job> fresh;
  {
    std::scoped_lock lock(mutex);
    fresh.swap(ended);
  }
  for (auto& each : fresh) {
    book.ended(each.row.queue, each.troubled);
    finish(std::move(each));
  }
  if (!returned.empty()) {
    from.release(returned);
    returned.clear();
  }
  if (unwritten.empty()) return;
  std::vector<store::outbox_try> tries;
  for (const auto& each : unwritten) tries.push_back(record_of(each));
  from.record(tries, clock.now());
  unwritten.clear();
}

/// Decides what follows from a try.
void courier::engine::finish(job done) {
  const auto& queue = done.row.queue;
  const bool stopped =
      stop_deliveries.stop_requested() && done.result.what == outcome::retry && done.result.http_status == 0;
  if (done.untried || stopped) {
    returned.push_back(done.row.id);
    return;
  }
  if (done.refusal.empty()) book.judge(queue, done.result.is_channel_failure(), steady::now());
  const auto now = clock.now();
  if (done.result.what == outcome::retry) {
    if (auto wait = retries.next(done.row.attempts + 1, now - done.row.created_at, done.result.retry_after))
      book.retry_at(queue, *(done.next_attempt_at = now + *wait));
  }
  book.expect(queue, now);  // the next of its ticket, when this one is settled
  if (observer.on_try) {
    std::optional<double> lateness;
    if (done.row.attempts == 0) lateness = std::chrono::duration<double>(done.began - done.row.created_at).count();
    const bool settled = done.result.what == outcome::delivered;
    observer.on_try(done.row.queue.channel,
                    settled              ? "delivered"
                    : done.is_given_up() ? "given_up"
                                         : "retried",
                    lateness);
  }
  if (done.result.what == outcome::gone && done.row.queue.endpoint && observer.on_gone)
    observer.on_gone(*done.row.queue.endpoint, done.result.detail);
  if (done.is_given_up()) {
    log::warn("a notification is given up", {{"id", to_string(done.row.id)},
                                             {"channel", done.row.queue.channel},
                                             {"event", done.row.event},
                                             {"attempts", done.row.attempts + 1},
                                             {"why", done.result.detail}});
    const auto last = alerted.find(queue);
    const bool quiet = last != alerted.end() && steady::now() - last->second < alert_every;
    if (!quiet && observer.on_given_up) {
      alerted[queue] = steady::now();
      observer.on_given_up(done.row, done.result.detail);
    }
  }
  unwritten.push_back(std::move(done));
}

void courier::engine::survey() {
  const auto now = clock.now();
  std::int64_t count = 0;
  auto oldest = instant::max();
  for (const auto& level : from.survey(now)) {
    count += level.pending;
    oldest = std::min(oldest, level.oldest);
    if (level.due) book.expect(level.queue, *level.due);
  }
  pending = count;
  oldest_ms = count == 0 ? 0 : oldest.time_since_epoch().count();
  survey_at = steady::now() + settings.survey_every;
}

void courier::engine::claim() {
  while (takes()) {
    const auto asked = book.wishes(clock.now(), steady::now());
    if (asked.empty()) return;
    const auto now = clock.now();
    auto claimed = from.claim(asked, now, now + settings.lease);
    std::map<outbox_queue, int> got;
    for (const auto& row : claimed.rows) ++got[row.queue];
    for (const auto& wish : asked)
      if (got[wish.queue] < wish.rows_max) book.exhausted(wish.queue, now);
    if (claimed.rows.empty()) return;
    give_out(std::move(claimed));
  }
}

void courier::engine::give_out(store::outbox_claim claimed) {
  std::vector<job> lines;
  std::vector<job> others;
  for (auto& row : claimed.rows) {
    auto next = prepare_job(std::move(row), claimed.endpoints);
    next.troubled = book.begin(next.row.queue);
    (next.row.queue.channel == "log" ? lines : others).push_back(std::move(next));
  }
  for (auto& each : lines) deliver(each);
  {
    std::scoped_lock lock(mutex);
    std::ranges::move(others, std::back_inserter(todo));
    std::ranges::move(lines, std::back_inserter(ended));
  }
  work_changed.notify_all();
  if (!lines.empty()) settle();
}

// -- outside ----------------------------------------------------------------------------------------------------------

courier::courier(store::outbox_store& from, channel_set channels, const domain::clock_port& clock,
                 courier_settings settings, courier_observer observer)
    : engine_(std::make_unique<engine>(from, std::move(channels), clock, std::move(settings), std::move(observer))) {}

courier::~courier() { stop(steady::now()); }

void courier::start() {
  auto& e = *engine_;
  for (int i = 0; i < e.settings.shares.workers; ++i) e.workers.emplace_back([&e] { e.worker(); });
  e.thread = std::jthread([&e] { e.run(); });
}

void courier::wake(const std::vector<store::outbox_queue>& queues) {
  auto& e = *engine_;
  {
    std::scoped_lock lock(e.mutex);
    for (const auto& queue : queues)
      if (std::ranges::find(e.rung, queue) == e.rung.end()) e.rung.push_back(queue);
  }
  e.changed.notify_one();
}

void courier::stop_claiming() {
  std::scoped_lock lock(engine_->mutex);
  engine_->closing = true;
}

bool courier::stop(steady::time_point deadline) {
  auto& e = *engine_;
  {
    std::scoped_lock lock(e.mutex);
    e.closing = e.closed = true;
    e.give_up_at = std::min(e.give_up_at, deadline);
  }
  e.stop_deliveries.request_stop();
  e.changed.notify_all();
  e.work_changed.notify_all();
  if (!e.thread.joinable()) return true;
  e.thread.join();
  e.workers.clear();
  if (!e.well_ended) log::warn("the courier did not end in time; what it had begun is delivered again");
  return e.well_ended;
}

std::int64_t courier::pending() const noexcept { return engine_->pending; }

double courier::oldest_pending_age() const {
  const auto since = engine_->oldest_ms.load();
  if (since == 0) return 0;
  return std::max(0.0,
                  std::chrono::duration<double>(engine_->clock.now() - instant(domain::milliseconds(since))).count());
}

}  // namespace usher::outbox
