#include "domain/sla_clock.hpp"

#include <map>
#include <random>

#include <catch2/catch_test_macros.hpp>

using namespace usher::domain;
using namespace std::chrono_literals;

namespace {

const instant t0 = std::chrono::sys_days{std::chrono::year{2026} / 6 / 13} + 10h;

clock_event event(clock_event_type type, instant at, std::optional<milliseconds> target = std::nullopt) {
  return {type, at, at, target, {}};
}

sla_clock started(milliseconds target, clock_kind kind = clock_kind::resolution) {
  return {kind, 1, event(clock_event_type::start, t0, target)};
}

/// What whoever changes a clock does first: writes the breach that time has brought about.
void settle(sla_clock& clock, instant now) {
  if (auto breach = clock.pending_breach(now)) clock.apply(*breach);
}

void change(sla_clock& clock, clock_event_type type, instant at, std::optional<milliseconds> target = std::nullopt) {
  settle(clock, at);
  clock.apply(event(type, at, target));
}

}  // namespace

TEST_CASE("rule 1: deadline, elapsed and state are derived from the list", "[sla]") {
  auto clock = started(60min);
  CHECK(clock.kind() == clock_kind::resolution);
  CHECK(clock.cycle() == 1);
  CHECK(clock.target() == 60min);
  CHECK(clock.started_at() == t0);
  CHECK(clock.is_open());
  CHECK(clock.is_running());
  CHECK(clock.due_at() == t0 + 60min);
  CHECK(clock.state(t0) == clock_state::running);
  CHECK(clock.elapsed(t0 + 10min) == 10min);
  CHECK(clock.next_timer() == t0 + 60min + 1ms);

  change(clock, clock_event_type::pause, t0 + 20min);
  CHECK(clock.is_paused());
  CHECK(clock.state(t0 + 10h) == clock_state::paused);
  CHECK(clock.elapsed(t0 + 10h) == 20min);
  CHECK_FALSE(clock.due_at());
  CHECK_FALSE(clock.next_timer());
  CHECK_FALSE(clock.pending_breach(t0 + 10h));

  change(clock, clock_event_type::resume, t0 + 5h);
  CHECK(clock.due_at() == t0 + 5h + 40min);
  CHECK(clock.elapsed(t0 + 5h + 1min) == 21min);

  change(clock, clock_event_type::stop, t0 + 5h + 30min);
  CHECK(clock.state(t0 + 30h) == clock_state::met);
  CHECK(clock.stopped_at() == t0 + 5h + 30min);
  CHECK(clock.elapsed(t0 + 30h) == 50min);
  CHECK(clock.due_at() == t0 + 5h + 40min);
  CHECK_FALSE(clock.next_timer());
  CHECK_FALSE(clock.breached_at(t0 + 30h));
}

TEST_CASE("rule 1: what ended changes no more", "[sla]") {
  auto clock = started(60min);
  change(clock, clock_event_type::cancel, t0 + 10min);
  CHECK(clock.state(t0 + 2h) == clock_state::cancelled);
  CHECK_FALSE(clock.due_at());
  CHECK_FALSE(clock.breached_at(t0 + 2h));
  CHECK_FALSE(clock.pending_breach(t0 + 2h));
  auto copy = clock;
  clock.apply(event(clock_event_type::stop, t0 + 3h));
  clock.apply(event(clock_event_type::resume, t0 + 3h));
  CHECK(clock == copy);
}

TEST_CASE("rule 2: the breach instant is the deadline", "[sla]") {
  auto clock = started(60min);
  auto seen = t0 + 3h;
  CHECK(clock.state(seen) == clock_state::breached);
  CHECK(clock.breached_at(seen) == t0 + 60min);
  auto breach = clock.pending_breach(seen);
  REQUIRE(breach);
  CHECK(breach->type == clock_event_type::breach);
  CHECK(breach->at == t0 + 60min);
  CHECK(breach->detected_at == seen);
  clock.apply(*breach);
  CHECK(clock.breached_at(seen) == t0 + 60min);
  CHECK(clock.detected_at() == seen);
  CHECK_FALSE(clock.pending_breach(seen + 1h));
  CHECK_FALSE(clock.next_timer());
  CHECK(clock.is_running());
  CHECK(clock.elapsed(seen) == 3h);
}

TEST_CASE("rule 2: whether the timer fires on time, late or never, the record is the same", "[sla]") {
  auto on_time = started(60min);
  auto late = on_time;
  auto never = on_time;
  settle(on_time, *on_time.next_timer());
  settle(late, t0 + 2h);
  for (auto* clock : {&on_time, &late, &never}) change(*clock, clock_event_type::stop, t0 + 150min);
  for (const auto* clock : {&on_time, &late, &never}) {
    CHECK(clock->breached_at(t0 + 9h) == t0 + 60min);
    CHECK(clock->stopped_at() == t0 + 150min);
    CHECK(clock->elapsed(t0 + 9h) == 150min);
    CHECK(clock->state(t0 + 9h) == clock_state::breached);
    CHECK(clock->due_at() == t0 + 60min);
  }
}

TEST_CASE("rule 3: a stop after the deadline finds a breach to write", "[sla]") {
  auto clock = started(60min);
  auto breach = clock.pending_breach(t0 + 60min + 1ms);
  REQUIRE(breach);
  CHECK(breach->at == t0 + 60min);
}

TEST_CASE("rule 4: on the deadline is met, a millisecond later is breached", "[sla]") {
  auto clock = started(60min);
  CHECK(clock.state(t0 + 60min) == clock_state::running);
  CHECK_FALSE(clock.pending_breach(t0 + 60min));
  CHECK(clock.state(t0 + 60min + 1ms) == clock_state::breached);

  auto met = clock;
  change(met, clock_event_type::stop, t0 + 60min);
  CHECK(met.state(t0 + 9h) == clock_state::met);
  change(clock, clock_event_type::stop, t0 + 60min + 1ms);
  CHECK(clock.state(t0 + 9h) == clock_state::breached);
}

TEST_CASE("rule 4: paused on the deadline, a clock waits for ever without a breach", "[sla]") {
  auto clock = started(60min);
  change(clock, clock_event_type::pause, t0 + 60min);
  CHECK_FALSE(clock.pending_breach(t0 + 9h));
  CHECK(clock.state(t0 + 9h) == clock_state::paused);
  CHECK_FALSE(clock.breached_at(t0 + 9h));
}

TEST_CASE("rule 5: a retarget keeps what has elapsed, and a used-up target ran out when it ran out", "[sla]") {
  auto clock = started(8h);
  change(clock, clock_event_type::pause, t0 + 1h);
  change(clock, clock_event_type::resume, t0 + 3h);
  settle(clock, t0 + 4h);
  clock.apply(event(clock_event_type::retarget, t0 + 4h, 90min));
  CHECK(clock.elapsed(t0 + 4h) == 2h);
  auto breach = clock.pending_breach(t0 + 4h);
  REQUIRE(breach);
  CHECK(breach->at == t0 + 3h + 30min);
  clock.apply(*breach);

  clock.apply(event(clock_event_type::retarget, t0 + 5h, 10h));
  CHECK(clock.breached_at(t0 + 5h) == t0 + 3h + 30min);
  CHECK(clock.elapsed(t0 + 5h) == 3h);
  CHECK(clock.due_at() == t0 + 12h);
}

TEST_CASE("rule 5: a used-up target that ran out before a pause", "[sla]") {
  auto clock = started(8h);
  change(clock, clock_event_type::pause, t0 + 1h);
  clock.apply(event(clock_event_type::retarget, t0 + 2h, 30min));
  auto breach = clock.pending_breach(t0 + 2h);
  REQUIRE(breach);
  CHECK(breach->at == t0 + 30min);
  CHECK(breach->detected_at == t0 + 2h);
}

TEST_CASE("rule 5: a target used up just as a pause begins runs out when the pause ends, retargeted or not", "[sla]") {
  auto from_start = started(1h);
  auto retargeted = started(8h);
  for (auto* clock : {&from_start, &retargeted}) {
    change(*clock, clock_event_type::pause, t0 + 1h);
    change(*clock, clock_event_type::resume, t0 + 3h);
    change(*clock, clock_event_type::pause, t0 + 4h);
    change(*clock, clock_event_type::resume, t0 + 5h);
  }
  retargeted.apply(event(clock_event_type::retarget, t0 + 6h, 1h));
  // Start plus target plus pauses (contract, section 4.4).
  CHECK(from_start.breached_at(t0 + 6h) == t0 + 3h);
  CHECK(retargeted.breached_at(t0 + 6h) == t0 + 3h);
}

TEST_CASE("clock: a wall clock that is set back counts nothing, and takes nothing away", "[sla]") {
  auto clock = started(60min);
  CHECK(clock.elapsed(t0 - 1h) == 0ms);
  change(clock, clock_event_type::pause, t0 - 1h);
  CHECK(clock.elapsed(t0) == 0ms);
  change(clock, clock_event_type::resume, t0);
  CHECK(clock.due_at() == t0 + 60min);
}

namespace {

/// A clock that lives one millisecond at a time. `left_at[u]` is the instant after which more than `u` was counted.
class counting_model {
 public:
  explicit counting_model(int target) : target_(target) {}

  void step(int now) {
    if (open() && running_) left_at_[used_++] = now;
  }
  void settle(int now) {
    if (open() && !breached_ && used_ > target_) {
      breached_ = left_at_.at(target_);
      detected_ = now;
    }
  }
  void change(clock_event_type type, int now, int target) {
    settle(now);
    if (!open()) return;
    switch (type) {
      case clock_event_type::pause:
        running_ = false;
        break;
      case clock_event_type::resume:
        running_ = true;
        break;
      case clock_event_type::retarget:
        target_ = target;
        break;
      case clock_event_type::stop:
        stopped_ = true;
        break;
      case clock_event_type::cancel:
        cancelled_ = true;
        break;
      default:
        break;
    }
  }
  [[nodiscard]] bool open() const { return !stopped_ && !cancelled_; }
  [[nodiscard]] int used() const { return used_; }
  [[nodiscard]] std::optional<int> recorded_breach() const { return breached_; }
  [[nodiscard]] std::optional<int> due(int now) const {
    if (!open() || !running_) return std::nullopt;
    return used_ > target_ ? left_at_.at(target_) : now + target_ - used_;
  }
  [[nodiscard]] clock_state state() const {
    if (cancelled_) return clock_state::cancelled;
    if (breached_ || (open() && used_ > target_)) return clock_state::breached;
    if (stopped_) return clock_state::met;
    return running_ ? clock_state::running : clock_state::paused;
  }

 private:
  int target_;
  int used_ = 0;
  bool running_ = true;
  bool stopped_ = false;
  bool cancelled_ = false;
  std::map<int, int> left_at_;
  std::optional<int> breached_;
  std::optional<int> detected_;
};

instant after_start(int ms) { return t0 + milliseconds{ms}; }

std::optional<instant> after_start(std::optional<int> ms) {
  if (ms) return after_start(*ms);
  return std::nullopt;
}

clock_event_type draw_type(std::mt19937& random) {
  int drawn = std::uniform_int_distribution{0, 19}(random);
  if (drawn < 7) return clock_event_type::pause;
  if (drawn < 14) return clock_event_type::resume;
  if (drawn < 18) return clock_event_type::retarget;
  return drawn == 18 ? clock_event_type::stop : clock_event_type::cancel;
}

/// One random life, compared with the model at every millisecond. The list that it wrote is returned.
std::vector<clock_event> live_once(std::mt19937& random, sla_clock& clock, int target, int length) {
  std::vector<clock_event> written{event(clock_event_type::start, t0, milliseconds{target})};
  counting_model model(target);
  std::uniform_int_distribution<int> targets(1, length);
  for (int now = 0; now < length; ++now) {
    while (std::uniform_int_distribution{0, 9}(random) == 0) {
      auto type = draw_type(random);
      int next_target = targets(random);
      if (auto breach = clock.pending_breach(after_start(now))) {
        clock.apply(*breach);
        written.push_back(*breach);
      }
      std::optional<milliseconds> given;
      if (type == clock_event_type::retarget) given = milliseconds{next_target};
      written.push_back(event(type, after_start(now), given));
      clock.apply(written.back());
      model.change(type, now, next_target);
    }
    CAPTURE(now, target);
    REQUIRE(clock.elapsed(after_start(now)) == milliseconds{model.used()});
    REQUIRE(clock.state(after_start(now)) == model.state());
    REQUIRE(clock.is_open() == model.open());
    if (model.open()) REQUIRE(clock.due_at() == after_start(model.due(now)));
    if (model.recorded_breach()) REQUIRE(clock.breached_at(after_start(now)) == after_start(model.recorded_breach()));
    model.step(now);
  }
  return written;
}

}  // namespace

TEST_CASE("rule 1: a random life agrees with a clock that counts milliseconds, and with its replay", "[sla]") {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    int target = std::uniform_int_distribution{1, 200}(random);
    auto live = started(milliseconds{target});
    CAPTURE(seed);
    auto written = live_once(random, live, target, 300);
    sla_clock replayed(clock_kind::resolution, 1, written.front());
    for (std::size_t i = 1; i < written.size(); ++i) replayed.apply(written[i]);
    REQUIRE(replayed == live);
  }
}
