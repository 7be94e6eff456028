// Thousands of lives of a desk, each from a seed of its own. USHER_SIMULATION_SEED=N repeats one life,
// USHER_SIMULATION_SEEDS=N lives so many, however long it takes; by default it is a thousand, within two minutes.
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "metrics/log/log.hpp"
#include "world.hpp"

using namespace usher;

namespace {

constexpr std::uint64_t seeds_default = 1000;
constexpr std::uint64_t seeds_least = 50;  // however slow the machine is
constexpr auto time_default = std::chrono::seconds(120);
constexpr int steps = 150;

std::uint64_t number_of(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

struct totals {
  std::size_t lives = 0;
  std::size_t deaths = 0;
  std::size_t changes = 0;
  domain::milliseconds lived{0};
};

/// What went wrong in a life; empty when nothing did.
std::string live(std::uint64_t seed, totals& sums) {
  simulation::world w(seed);
  auto born = w.now();
  for (int step = 0; step < steps; ++step) {
    w.step();
    auto why = w.wrong(false);
    if (why.empty() && step % 10 == 9) {
      w.calm();
      why = w.wrong(true);
    }
    if (!why.empty())
      return why + " (step " + std::to_string(step) + ", " + w.last_step() + ", " + domain::format_rfc3339(w.now()) +
             ")";
  }
  ++sums.lives;
  sums.deaths += w.deaths();
  sums.changes += w.changes();
  sums.lived += w.now() - born;
  return {};
}

}  // namespace

TEST_CASE("whatever the store does and whenever the process dies: nothing is lost, told twice, or left standing") {
  log::start(log::level::error);
  auto only = number_of("USHER_SIMULATION_SEED");
  auto wanted = number_of("USHER_SIMULATION_SEEDS");
  auto first = only != 0 ? only : 1;
  auto count = only != 0 ? 1 : wanted != 0 ? wanted : seeds_default;
  auto until = std::chrono::steady_clock::now() + time_default;
  totals sums;
  for (auto seed = first; seed < first + count; ++seed) {
    auto why = live(seed, sums);
    if (!why.empty())
      FAIL("seed " << seed << ": " << why << "\nrepeat it with: USHER_SIMULATION_SEED=" << seed
                   << " build/release/tests/usher_simulation_tests");
    bool may_stop = wanted == 0 && sums.lives >= seeds_least;
    if (may_stop && std::chrono::steady_clock::now() > until) break;
  }
  std::cout << sums.lives << " lives, " << sums.changes << " changes, " << sums.deaths << " deaths, "
            << std::chrono::duration_cast<std::chrono::days>(sums.lived).count() << " days\n";
}

TEST_CASE("a seed tells the same life each time") {
  auto tell = [] {
    simulation::world w(7);
    std::string all;
    for (int step = 0; step < 60; ++step) {
      w.step();
      all += w.last_step() + " " + std::to_string(w.changes()) + " " + domain::format_rfc3339(w.now()) + "\n";
    }
    return all;
  };
  CHECK(tell() == tell());
}
