#include "actors/deadline_wheel.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>

namespace {

using usher::actors::deadline_wheel;
using usher::actors::due_timer;
using usher::actors::timer_handle;
using usher::domain::instant;
using usher::domain::milliseconds;
using usher::domain::ticket_id;

const instant start{milliseconds{1'781'000'000'000}};

/// What a wheel should do, done the slow way: a list that is searched from end to end.
class naive_timers {
 public:
  void arm(std::uint32_t key, instant when) { timers_[key] = when; }
  void cancel(std::uint32_t key) { timers_.erase(key); }
  [[nodiscard]] const std::map<std::uint32_t, instant>& all() const { return timers_; }

 private:
  std::map<std::uint32_t, instant> timers_;
};

/// A wheel and its model, driven together.
class pair_of_timers {
 public:
  explicit pair_of_timers(instant now) : wheel_(now), now_(now) {}

  void arm(milliseconds in) {
    auto key = ++last_key_;
    handles_[key] = wheel_.arm(ticket_id::generate(), now_ + in, key);
    model_.arm(key, now_ + in);
  }
  void cancel(std::uint32_t key) {
    if (!handles_.contains(key)) return;
    CHECK(wheel_.cancel(handles_[key]));
    CHECK_FALSE(wheel_.cancel(handles_[key]));
    handles_.erase(key);
    model_.cancel(key);
  }
  /// Never early, at most a tick late, each once.
  void advance_to(instant now) {
    auto before = now_;
    now_ = now;
    std::vector<due_timer> due;
    wheel_.advance(now, due);
    for (const auto& timer : due) {
      INFO("timer " << timer.generation);
      REQUIRE(model_.all().contains(timer.generation));
      CHECK(timer.when == model_.all().at(timer.generation));
      CHECK(timer.when <= now);
      model_.cancel(timer.generation);
      handles_.erase(timer.generation);
    }
    // One that was armed after its deadline waits for the next tick.
    auto overdue = std::count_if(model_.all().begin(), model_.all().end(), [&](const auto& timer) {
      return std::max(timer.second, before) + deadline_wheel::tick <= now;
    });
    CHECK(overdue == 0);
    CHECK(wheel_.armed() == model_.all().size());
  }
  [[nodiscard]] instant now() const { return now_; }
  [[nodiscard]] std::uint32_t last_key() const { return last_key_; }
  [[nodiscard]] const naive_timers& model() const { return model_; }

 private:
  deadline_wheel wheel_;
  naive_timers model_;
  std::map<std::uint32_t, timer_handle> handles_;
  std::uint32_t last_key_ = 0;
  instant now_;
};

milliseconds random_delay(std::mt19937_64& random) {
  const std::array<std::int64_t, 6> ranges{5, 1'100, 300'000, 80'000'000, 10'000'000'000, 4'000'000'000'000};
  auto range = ranges[random() % ranges.size()];
  return milliseconds{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(range)) - 2};
}

}  // namespace

TEST_CASE("a wheel agrees with a naive list through random arms, cancels and steps") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    pair_of_timers timers(start + milliseconds{static_cast<std::int64_t>(random() % 5'000'000)});
    for (int step = 0; step < 120; ++step) {
      for (int i = 0; i < 8; ++i) timers.arm(random_delay(random));
      for (int i = 0; i < 3; ++i) timers.cancel(1 + static_cast<std::uint32_t>(random() % timers.last_key()));
      timers.advance_to(timers.now() + random_delay(random) / 7 + milliseconds{1});
    }
  }
}

TEST_CASE("every timer of a minute goes off when the wheel is stepped by single ticks") {
  pair_of_timers timers(start);
  for (int ms = 0; ms < 60'000; ms += 7) timers.arm(milliseconds{ms});
  for (int i = 0; i < 15'010; ++i) timers.advance_to(timers.now() + deadline_wheel::tick);
  CHECK(timers.model().all().empty());
}

TEST_CASE("a wall clock that is set back an hour makes timers wait for it, and none goes off twice") {
  pair_of_timers timers(start);
  timers.arm(milliseconds{1'000});
  timers.arm(milliseconds{3'000});
  timers.advance_to(start + milliseconds{2'000});
  timers.advance_to(start - milliseconds{3'600'000});
  timers.arm(milliseconds{500});
  timers.advance_to(start - milliseconds{3'599'000});
  CHECK(timers.model().all().size() == 1);
  timers.advance_to(start + milliseconds{3'004});
  CHECK(timers.model().all().empty());
}

TEST_CASE("a wall clock that is set ahead by a year lets all that is due go off at once") {
  pair_of_timers timers(start);
  for (int day = 0; day < 400; ++day) timers.arm(std::chrono::hours{24 * day});
  timers.advance_to(start + std::chrono::hours{24 * 365});
  CHECK(timers.model().all().size() == 34);
}

TEST_CASE("a timer takes less than 64 bytes") {
  deadline_wheel wheel(start);
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) wheel.arm(ticket_id{}, start + milliseconds{i}, 1);
  CHECK(wheel.bytes() / count < 64);
}
