// The courier over a store and channels of the test: what becomes of a try, of a database that goes, of an end.
#include "outbox/courier.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <catch2/catch_test_macros.hpp>

using namespace usher::outbox;
using namespace std::chrono_literals;
using usher::domain::instant;
using usher::domain::webhook_id;
using usher::store::outbox_queue;

namespace {

using steady = std::chrono::steady_clock;

template <class Question>
bool wait_until(Question question) {
  for (auto deadline = steady::now() + 60s; steady::now() < deadline; std::this_thread::sleep_for(1ms))
    if (question()) return true;
  return false;
}

/// A table in memory; `down` makes it a database that doesn't answer.
class fake_store final : public usher::store::outbox_store {
 public:
  struct entry {
    usher::store::outbox_row row;
    std::optional<instant> next;
    std::optional<instant> lease;
    bool delivered = false;
  };

  void add(const outbox_queue& queue, instant at = usher::domain::system_clock_port().now()) {
    std::scoped_lock lock(mutex_);
    entry e;
    e.row.id = usher::domain::new_uuid_v7();
    e.row.queue = queue;
    e.row.event = "ticket.created";
    e.row.payload = R"({"subject":"S","text":"T"})";
    e.row.created_at = at;
    e.next = at;
    entries_.push_back(e);
  }
  [[nodiscard]] std::vector<entry> all() const {
    std::scoped_lock lock(mutex_);
    return entries_;
  }
  [[nodiscard]] std::vector<usher::store::outbox_try> tries() const {
    std::scoped_lock lock(mutex_);
    return tries_;
  }
  std::atomic<bool> down{false};
  std::atomic<bool> disabled{false};

  usher::store::outbox_claim claim(const std::vector<usher::store::outbox_wish>& wishes, instant now,
                                   instant lease_until) override {
    std::scoped_lock lock(mutex_);
    check();
    usher::store::outbox_claim out;
    for (const auto& wish : wishes) {
      if (wish.queue.endpoint) out.endpoints[*wish.queue.endpoint] = {"https://hook.example/", {"secret"}, disabled};
      int left = wish.rows_max;
      for (auto& e : entries_) {
        if (left == 0 || e.row.queue != wish.queue || !e.next || *e.next > now || (e.lease && *e.lease > now)) continue;
        e.lease = lease_until;
        out.rows.push_back(e.row);
        --left;
      }
    }
    return out;
  }
  void record(const std::vector<usher::store::outbox_try>& tries, instant) override {
    std::scoped_lock lock(mutex_);
    check();
    for (const auto& t : tries) {
      auto& e = find(t.id);
      e.row.attempts = t.attempt;
      e.lease.reset();
      e.next = t.next_attempt_at;
      e.delivered = t.delivered;
      tries_.push_back(t);
    }
  }
  void release(const std::vector<usher::domain::uuid>& ids) override {
    std::scoped_lock lock(mutex_);
    check();
    for (const auto& id : ids) find(id).lease.reset();
  }
  std::vector<usher::store::outbox_level> survey(instant) override {
    std::scoped_lock lock(mutex_);
    check();
    std::vector<usher::store::outbox_level> out;
    for (const auto& e : entries_)
      if (e.next) out.push_back({e.row.queue, 1, e.lease ? std::nullopt : e.next, e.row.created_at});
    return out;
  }
  std::int64_t purge(instant) override { return 0; }

 private:
  void check() const {
    if (down) throw std::runtime_error("the database doesn't answer");
  }
  entry& find(const usher::domain::uuid& id) {
    for (auto& e : entries_)
      if (e.row.id == id) return e;
    throw std::logic_error("a try of nothing");
  }

  mutable std::mutex mutex_;
  std::vector<entry> entries_;
  std::vector<usher::store::outbox_try> tries_;
};

/// Does what the test says.
class fake_channel final : public channel {
 public:
  using action = std::function<delivery_result(const notification&, std::stop_token)>;
  explicit fake_channel(action act) : act_(std::move(act)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "webhook"; }
  [[nodiscard]] delivery_result deliver(const notification& what, std::stop_token stop) const noexcept override {
    return act_(what, std::move(stop));
  }

 private:
  action act_;
};

const outbox_queue hook{"webhook", webhook_id::generate()};

struct post {
  fake_store store;
  usher::domain::system_clock_port clock;
  courier_settings settings;
  courier_observer observer;
  std::unique_ptr<courier> runs;

  post() {
    settings.survey_every = 50ms;
    settings.retries.first = 20ms;
    settings.retries.shortest = 5ms;
  }
  void start(fake_channel::action act) {
    channel_set channels;
    channels["webhook"] = std::make_unique<fake_channel>(std::move(act));
    channels["log"] = make_log();
    runs = std::make_unique<courier>(store, std::move(channels), clock, settings, observer);
    runs->start();
  }
  static std::unique_ptr<channel> make_log() {
    return std::make_unique<fake_channel>([](const notification&, std::stop_token) {
      return delivery_result{outcome::delivered, 0, "", {}};
    });
  }
  [[nodiscard]] bool settled() const {
    for (const auto& e : store.all())
      if (e.next) return false;
    return true;
  }
};

delivery_result done() { return {outcome::delivered, 204, "HTTP 204", {}}; }
delivery_result later() { return {outcome::retry, 503, "HTTP 503", {}}; }

}  // namespace

TEST_CASE("outbox: courier: goes by the table alone, and counts what waits", "[outbox][courier]") {
  post p;
  for (int i = 0; i < 30; ++i) p.store.add(hook);
  for (int i = 0; i < 600; ++i) p.store.add({"log", {}});
  std::atomic<int> tries{0};
  p.observer.on_try = [&](std::string_view, std::string_view outcome, std::optional<double> lateness) {
    if (outcome == "delivered" && lateness) ++tries;
  };
  p.start([](const notification& what, std::stop_token) {
    return what.secrets.size() == 1 && what.recipient == "https://hook.example/" ? done() : later();
  });
  CHECK(wait_until([&] { return p.settled() && tries == 630; }));
  CHECK(wait_until([&] { return p.runs->pending() == 0 && p.runs->oldest_pending_age() == 0; }));
  CHECK(p.runs->stop(steady::now() + 60s));
}

TEST_CASE("outbox: courier: is woken at once", "[outbox][courier]") {
  post p;
  p.settings.survey_every = 1h;
  p.start([](const notification&, std::stop_token) { return done(); });
  for (int i = 0; i < 5; ++i) {
    p.store.add(hook);
    p.runs->wake({hook});
    CHECK(wait_until([&] { return p.settled(); }));
  }
}

TEST_CASE("outbox: courier: tries again, each try written down, until it gives up", "[outbox][courier]") {
  post p;
  std::atomic<int> count{0};
  SECTION("it works at last") {
    p.store.add(hook);
    p.start([&](const notification&, std::stop_token) { return ++count < 4 ? later() : done(); });
    REQUIRE(wait_until([&] { return p.settled(); }));
    const auto tries = p.store.tries();
    REQUIRE(tries.size() == 4);
    for (int i = 0; i < 4; ++i) CHECK(tries[static_cast<std::size_t>(i)].attempt == i + 1);
    CHECK(tries[0].outcome == "retry");
    CHECK(tries[3].outcome == "delivered");
  }
  SECTION("it is too old") {
    std::atomic<int> told{0};
    p.observer.on_given_up = [&](const usher::store::outbox_row&, const std::string& why) {
      if (why == "HTTP 503") ++told;
    };
    const auto old = p.clock.now() - 80h;
    p.store.add(hook, old);
    p.store.add(hook, old);
    p.start([](const notification&, std::stop_token) { return later(); });
    REQUIRE(wait_until([&] { return p.settled(); }));
    CHECK(p.store.tries().at(0).outcome == "given_up");
    // People are told once an hour and queue.
    CHECK(wait_until([&] { return told > 0; }));
    CHECK(p.runs->stop(steady::now() + 60s));
    CHECK(told == 1);
  }
}

TEST_CASE("outbox: courier: what can't be delivered is given up with its reason", "[outbox][courier]") {
  post p;
  std::string reason;
  SECTION("no such channel") {
    p.store.add({"sms", {}});
    reason = "no sms channel is configured";
  }
  SECTION("the endpoint was removed") {
    p.store.add({"webhook", {}});
    reason = "the endpoint was removed";
  }
  SECTION("the endpoint is disabled") {
    p.store.disabled = true;
    p.store.add(hook);
    reason = "the endpoint is disabled";
  }
  p.start([](const notification&, std::stop_token) { return done(); });
  REQUIRE(wait_until([&] { return p.settled(); }));
  const auto tries = p.store.tries();
  REQUIRE(tries.size() == 1);
  CHECK(tries[0].outcome == "rejected");
  CHECK(tries[0].detail == reason);
  CHECK_FALSE(tries[0].delivered);
}

TEST_CASE("outbox: courier: 410 is told, and not tried again", "[outbox][courier]") {
  post p;
  std::atomic<int> gone{0};
  p.observer.on_gone = [&](webhook_id endpoint, const std::string&) { gone += endpoint == *hook.endpoint ? 1 : 0; };
  p.store.add(hook);
  p.start([](const notification&, std::stop_token) { return delivery_result{outcome::gone, 410, "HTTP 410", {}}; });
  REQUIRE(wait_until([&] { return p.settled(); }));
  CHECK(gone == 1);
}

TEST_CASE("outbox: courier: without the database it waits, and loses no result", "[outbox][courier]") {
  post p;
  std::atomic<int> count{0};
  p.store.add(hook);
  p.start([&](const notification&, std::stop_token) {
    ++count;
    p.store.down = true;  // between the delivery and its record
    return done();
  });
  REQUIRE(wait_until([&] { return count == 1; }));
  std::this_thread::sleep_for(100ms);
  p.store.down = false;
  CHECK(wait_until([&] { return p.settled(); }));
  CHECK(count == 1);
  CHECK(p.store.tries().size() == 1);
}

TEST_CASE("outbox: courier: ends what it has begun, and gives back the rest", "[outbox][courier]") {
  post p;
  for (int i = 0; i < 6; ++i) p.store.add(hook);
  std::atomic<int> begun{0};
  p.start([&](const notification&, std::stop_token stop) {
    ++begun;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait(lock, stop, [] { return false; });
    return delivery_result{outcome::retry, 0, "stopped", {}};
  });
  REQUIRE(wait_until([&] { return begun == 4; }));
  CHECK(p.runs->stop(steady::now() + 60s));
  // A try that was cut off by the end is none.
  CHECK(p.store.tries().empty());
  for (const auto& e : p.store.all()) {
    CHECK(e.next.has_value());
    CHECK_FALSE(e.lease.has_value());
  }
}

TEST_CASE("outbox: courier: an end without a database comes in time", "[outbox][courier]") {
  post p;
  p.store.add(hook);
  std::atomic<bool> begun{false};
  p.start([&](const notification&, std::stop_token) {
    p.store.down = true;
    begun = true;
    return done();
  });
  REQUIRE(wait_until([&] { return begun.load(); }));
  CHECK_FALSE(p.runs->stop(steady::now() + 100ms));
}
