// The gate before a desk in virtual time: one server, first come, first served.
#include "net/overload_gate.hpp"

#include <algorithm>
#include <array>
#include <queue>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace usher::net;
using namespace std::chrono_literals;

namespace {

using time_point = overload_gate::time;
constexpr time_point start{1h};

/// What came of the offered work, a class each.
struct tally {
  std::array<int, importance_words.size()> offered{};
  std::array<int, importance_words.size()> refused{};
  std::vector<std::chrono::nanoseconds> waits;  ///< of what was done, while it counts
  int done = 0;

  [[nodiscard]] double refused_share(importance what) const {
    const auto i = static_cast<std::size_t>(what);
    return offered[i] == 0 ? 0 : static_cast<double>(refused[i]) / offered[i];
  }
  [[nodiscard]] std::chrono::nanoseconds p99() {
    std::ranges::sort(waits);
    return waits.at(waits.size() * 99 / 100);
  }
};

/// A desk that does one change in a millisecond, and a question beside it.
class virtual_desk {
 public:
  explicit virtual_desk(overload_gate& gate) : gate_(gate) {}

  /// One piece of work in so many comes back at once, and keeps nothing busy.
  void answer_at_once(int one_in) { at_once_ = one_in; }

  /// Offers `rate` pieces of work a second for so long, in the given mixture, and counts the last part of it.
  tally run(double rate, std::chrono::milliseconds lasts, std::chrono::milliseconds uncounted,
            const std::vector<importance>& mixture) {
    tally out;
    std::exponential_distribution<double> gap(rate);
    const auto from = now_ + uncounted;
    for (const auto until = now_ + lasts; now_ < until;) {
      now_ += std::chrono::nanoseconds(static_cast<std::int64_t>(gap(random_) * 1e9));
      finish(from, out);
      const auto what = mixture[random_() % mixture.size()];
      const bool change = what == importance::urgent || what == importance::write;
      const bool counts = now_ >= from;
      if (counts) ++out.offered[static_cast<std::size_t>(what)];
      if (!gate_.enter(what, change, now_)) {
        if (counts) ++out.refused[static_cast<std::size_t>(what)];
        continue;
      }
      auto& free_at = free_at_[change ? 1 : 0];
      if (at_once_ > 0 && random_() % static_cast<unsigned>(at_once_) == 0) {
        work_.push({now_ + 10us, now_, change});
        continue;
      }
      free_at = std::max(free_at, now_) + 1ms;
      work_.push({free_at, now_, change});
    }
    return out;
  }

 private:
  struct piece {
    time_point ends;
    time_point entered;
    bool change;
    bool operator<(const piece& other) const { return ends > other.ends; }
  };

  void finish(time_point from, tally& out) {
    while (!work_.empty() && work_.top().ends <= now_) {
      const auto p = work_.top();
      work_.pop();
      gate_.leave(p.change, p.entered, p.ends, true);
      if (p.entered < from) continue;
      ++out.done;
      out.waits.push_back(p.ends - p.entered);
    }
  }

  overload_gate& gate_;
  int at_once_ = 0;
  time_point now_ = start;
  std::array<time_point, 2> free_at_{start, start};
  std::priority_queue<piece> work_;
  std::mt19937 random_{7};
};

const std::vector<importance> writes{importance::write};

}  // namespace

TEST_CASE("the overload gate refuses nobody while the desk keeps up, bursts included") {
  overload_gate gate;
  virtual_desk desk(gate);
  const auto calm = desk.run(900, 20s, 0s, writes);
  CHECK(calm.refused_share(importance::write) == 0);
  int let_in = 0;
  for (int i = 0; i < 1000; ++i) let_in += gate.enter(importance::write, true, start + 30s) ? 1 : 0;
  CHECK(let_in == 1000);
}

TEST_CASE("whatever is offered, the overload gate keeps the desk busy and the waits short") {
  for (const double times : {1.5, 2.0, 5.0, 10.0}) {
    CAPTURE(times);
    overload_gate gate;
    virtual_desk desk(gate);
    auto much = desk.run(1000 * times, 20s, 5s, writes);
    CHECK(much.done >= 0.95 * 1000 * 15);
    CHECK(much.p99() < 500ms);
    CHECK(gate.limit(true) < 1000);
  }
}

TEST_CASE("answers that wait for nobody do not hide from the overload gate that the others wait") {
  overload_gate gate;
  virtual_desk desk(gate);
  desk.answer_at_once(20);
  auto much = desk.run(3000, 20s, 5s, writes);
  CHECK(much.done >= 0.9 * 1000 * 15);
  CHECK(much.p99() < 500ms);
}

TEST_CASE("what matters less is refused first, and what is urgent not at all") {
  overload_gate gate;
  virtual_desk desk(gate);
  const std::vector<importance> mixture{importance::urgent, importance::write, importance::write, importance::write,
                                        importance::write,  importance::read,  importance::list};
  const auto much = desk.run(4000, 20s, 5s, mixture);
  CHECK(much.refused_share(importance::urgent) == 0);
  CHECK(much.refused_share(importance::write) > 0.3);
  CHECK(much.refused_share(importance::write) < much.refused_share(importance::read));
  CHECK(much.refused_share(importance::read) <= much.refused_share(importance::list));
  CHECK(much.refused_share(importance::list) > 0.9);
}

TEST_CASE("after an overload the gate opens again within seconds") {
  overload_gate gate;
  virtual_desk desk(gate);
  std::ignore = desk.run(10'000, 10s, 0s, writes);
  const auto after = desk.run(700, 10s, 2s, writes);
  CHECK(after.refused_share(importance::write) == 0);
}

TEST_CASE("a desk that stands still is not given more and more") {
  overload_gate gate({.target = 100ms, .interval = 100ms, .in_flight_min = 8, .in_flight_max = 512});
  int let_in = 0;
  for (int ms = 0; ms < 10'000; ++ms) let_in += gate.enter(importance::write, true, start + ms * 1ms) ? 1 : 0;
  CHECK(let_in < 300);
  CHECK_FALSE(gate.has_room(importance::list, false, start + 10s));
  CHECK(gate.has_room(importance::vital, false, start + 10s));
  for (int i = 0; i < let_in; ++i) gate.leave(true, start, start + 10s, false);
  CHECK(gate.in_flight(true) == 0);
}

TEST_CASE("a desk that is slow and not busy refuses nobody") {
  overload_gate gate({.target = 100ms, .interval = 100ms, .in_flight_min = 8, .in_flight_max = 512});
  for (int i = 0; i < 100; ++i) {
    const auto at = start + i * 1s;
    for (int j = 0; j < 5; ++j) REQUIRE(gate.enter(importance::write, true, at));
    for (int j = 0; j < 5; ++j) gate.leave(true, at, at + 900ms, true);
  }
}

TEST_CASE("without a target the gate is open, and counts all the same") {
  overload_gate gate({.target = 0ms});
  for (int i = 0; i < 10'000; ++i) REQUIRE(gate.enter(importance::list, false, start + i * 1s));
  CHECK(gate.in_flight(false) == 10'000);
}

TEST_CASE("a place is given back once, wherever it went") {
  overload_gate gate;
  REQUIRE(gate.enter(importance::write, true, start));
  {
    desk_place first(gate, true, start);
    desk_place second;
    second = std::move(first);
    desk_place third(std::move(second));
    CHECK(gate.in_flight(true) == 1);
    third.leave(start + 1s, true);
    CHECK(gate.in_flight(true) == 0);
  }
  CHECK(gate.in_flight(true) == 0);
}
