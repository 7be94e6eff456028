#include "store/writer_lane.hpp"

#include <algorithm>
#include <unordered_set>

#include "metrics/log/log.hpp"
#include "store/batch_keys.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto idle_check = 200ms;  // how soon an idle lane notices that the server has gone
constexpr auto backoff_first = 20ms;

domain::result<std::monostate> refusal(domain::errc code) { return domain::fail(code); }

}  // namespace

writer_lane::writer_lane(const lane_settings& settings, int lane)
    : settings_(settings),
      lane_(lane),
      connection_(settings.target, lane, settings.answer_max),
      random_(std::random_device{}()) {
  auto give_up_at = clock::now() + settings.claim_max;
  while (true) {
    auto opened = connection_.open();
    if (opened) break;
    if (clock::now() >= give_up_at) throw unavailable_error(opened.error());
    pause();
  }
  reachable_ = true;
  failures_ = 0;
}

writer_lane::~writer_lane() {
  close(clock::now());
  join();
}

void writer_lane::start() {
  thread_ = std::jthread([this] { run(); });
}

void writer_lane::submit(write what) {
  std::optional<domain::errc> refused;
  {
    std::scoped_lock guard(mutex_);
    if (closed_)
      refused = domain::errc::shutting_down;
    else if (queue_.size() >= settings_.queue_max)
      refused = domain::errc::overloaded;
    else
      queue_.push_back(std::move(what));
    depth_.store(queue_.size(), std::memory_order_relaxed);
  }
  if (refused) return what.done(refusal(*refused));
  changed_.notify_one();
}

void writer_lane::close(steady_time deadline) {
  {
    std::scoped_lock guard(mutex_);
    closed_ = true;
    stop_at_ = std::min(stop_at_, deadline);
  }
  changed_.notify_all();
}

void writer_lane::join() {
  if (thread_.joinable()) thread_.join();
}

void writer_lane::run() {
  while (true) {
    auto next = take();
    if (!next.empty()) {
      settle(std::move(next));
    } else if (is_finished()) {
      break;
    } else if (connection_.is_alive()) {
      // What made it unreachable may have been given up meanwhile; while it says so, no write comes to find that out.
      reachable_ = true;
    } else {
      std::deque<group> nothing;
      (void)reconnect(nothing);
    }
  }
  connection_.close();
}

writer_lane::group writer_lane::take() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, idle_check, [this] { return closed_ || !queue_.empty(); });
  group taken;
  std::unordered_set<std::string> keys;
  std::size_t bytes = 0;
  while (!queue_.empty() && taken.size() < settings_.batch_writes_max) {
    auto& next = queue_.front();
    auto own = exclusive_keys(next);
    bool clashes = std::any_of(own.begin(), own.end(), [&](const auto& key) { return keys.contains(key); });
    bytes += weight_of(next);
    if (clashes || (!taken.empty() && bytes > settings_.batch_bytes_max)) break;
    keys.insert(std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    taken.push_back(std::move(next));
    queue_.pop_front();
  }
  depth_.store(queue_.size(), std::memory_order_relaxed);
  return taken;
}

bool writer_lane::is_finished() const {
  std::scoped_lock guard(mutex_);
  return closed_ && queue_.empty();
}

void writer_lane::settle(group all) {
  std::deque<group> left;
  left.push_back(std::move(all));
  while (true) {
    expire(left);
    if (left.empty()) return;
    if (out_of_time() || (!connection_.is_open() && !reconnect(left))) {
      for (auto& rest : left) answer(std::move(rest), refusal(domain::errc::unavailable));
      return;
    }
    if (left.empty()) return;
    auto current = std::move(left.front());
    left.pop_front();
    auto begun = clock::now();
    auto size = current.size();
    auto result = connection_.run(current);
    if (result.outcome == batch_outcome::in_doubt) {
      reachable_ = false;
      auto committed = find_out(left);
      if (!committed) {
        answer(std::move(current), refusal(domain::errc::unavailable));
        continue;
      }
      result.outcome = *committed ? batch_outcome::committed : batch_outcome::failed;
    }
    if (result.outcome == batch_outcome::committed) {
      if (settings_.observer.on_commit)
        settings_.observer.on_commit(std::chrono::duration<double>(clock::now() - begun).count(), size);
      tell_queues(current);
    }
    handle(std::move(current), result, left);
  }
}

void writer_lane::tell_queues(const group& all) const {
  if (!settings_.observer.on_notifications) return;
  std::vector<outbox_queue> queues;
  for (const auto& each : all) std::ranges::move(queues_of(each), std::back_inserter(queues));
  std::ranges::sort(queues);
  queues.erase(std::ranges::unique(queues).begin(), queues.end());
  if (!queues.empty()) settings_.observer.on_notifications(queues);
}

void writer_lane::handle(group all, const batch_result& result, std::deque<group>& left) {
  switch (result.outcome) {
    case batch_outcome::committed:
      failures_ = 0;
      reachable_ = true;
      answer(std::move(all), std::monostate{});
      break;
    case batch_outcome::missed:
      handle_missed(std::move(all), result, left);
      break;
    case batch_outcome::refused:
      handle_refused(std::move(all), result, left);
      break;
    case batch_outcome::failed:
    case batch_outcome::in_doubt:
      reachable_ = false;
      left.push_front(std::move(all));
      if (connection_.is_open()) pause();
      break;
  }
}

void writer_lane::handle_missed(group all, const batch_result& result, std::deque<group>& left) {
  std::vector<bool> answered(all.size(), false);
  for (const auto& missed : result.missed) {
    if (answered[missed.index]) continue;
    answered[missed.index] = true;
    all[missed.index].done(refusal(missed.code));
  }
  group rest;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!answered[i]) rest.push_back(std::move(all[i]));
  }
  if (!rest.empty()) left.push_front(std::move(rest));
}

// Which row it is that the database refuses, it doesn't say; so halves are tried until the guilty one stands alone.
void writer_lane::handle_refused(group all, const batch_result& result, std::deque<group>& left) {
  if (all.size() == 1) {
    log::warn("the database refuses a write", {{"code", domain::to_word(result.why.code)},
                                               {"sqlstate", result.sqlstate},
                                               {"constraint", result.constraint},
                                               {"lane", lane_}});
    return answer(std::move(all), std::unexpected(result.why));
  }
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  group second(std::make_move_iterator(middle), std::make_move_iterator(all.end()));
  all.erase(middle, all.end());
  left.push_front(std::move(second));
  left.push_front(std::move(all));
}

std::optional<bool> writer_lane::find_out(std::deque<group>& left) {
  log::warn("the outcome of a commit is in doubt", {{"lane", lane_}});
  while (true) {
    if (!connection_.is_open() && !reconnect(left)) return std::nullopt;
    auto committed = connection_.resolve_doubt();
    if (committed) {
      log::info("the outcome of a commit is known", {{"lane", lane_}, {"committed", *committed}});
      return *committed;
    }
    connection_.close();
    if (out_of_time()) return std::nullopt;
  }
}

bool writer_lane::reconnect(std::deque<group>& left) {
  reachable_ = false;
  while (!try_to_connect()) {
    if (out_of_time()) return false;
    pause();
    expire(left);
  }
  return true;
}

bool writer_lane::try_to_connect() {
  try {
    auto opened = connection_.open();
    if (opened) {
      log::info("a writer lane is connected", {{"lane", lane_}});
      reachable_ = true;
      failures_ = 0;
      return true;
    }
    if (failures_ == 0)
      log::warn("a writer lane can't reach the database", {{"lane", lane_}, {"why", opened.error().message}});
  } catch (const unavailable_error& why) {
    log::error("a writer lane can't use the database", {{"lane", lane_}, {"why", why.what()}});
  }
  return false;
}

// Full jitter: any time between none and the limit, so that many who wait don't come back at once.
void writer_lane::pause() {
  auto limit =
      std::min<std::chrono::milliseconds>(settings_.backoff_max, backoff_first * (1U << std::min(failures_, 10U)));
  ++failures_;
  std::uniform_int_distribution<std::int64_t> any(1, limit.count());
  std::unique_lock lock(mutex_);
  auto until = std::min(clock::now() + std::chrono::milliseconds(any(random_)), std::max(stop_at_, clock::now()));
  changed_.wait_until(lock, until, [this] { return closed_ && clock::now() >= stop_at_; });
}

void writer_lane::expire(std::deque<group>& left) {
  auto now = clock::now();
  auto is_late = [now](const write& w) { return w.give_up_at <= now; };
  group late;
  auto move_late = [&](auto& from) {
    auto first = std::stable_partition(from.begin(), from.end(), [&](const write& w) { return !is_late(w); });
    std::move(first, from.end(), std::back_inserter(late));
    from.erase(first, from.end());
  };
  for (auto& each : left) {
    if (std::any_of(each.begin(), each.end(), is_late)) move_late(each);
  }
  std::erase_if(left, [](const group& g) { return g.empty(); });
  if (!reachable_) {
    std::scoped_lock guard(mutex_);
    if (std::any_of(queue_.begin(), queue_.end(), is_late)) move_late(queue_);
    depth_.store(queue_.size(), std::memory_order_relaxed);
  }
  if (!late.empty()) answer(std::move(late), refusal(domain::errc::unavailable));
}

bool writer_lane::out_of_time() const {
  std::scoped_lock guard(mutex_);
  return closed_ && clock::now() >= stop_at_;
}

void writer_lane::answer(group all, const domain::result<std::monostate>& with) {
  for (auto& each : all) each.done(with);
}

}  // namespace usher::store
