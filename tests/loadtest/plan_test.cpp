// Arrivals: as many as planned, when planned, and the same for the same seed.
#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "loadtest/arrival_plan.hpp"

using namespace usher::load;
using namespace std::chrono_literals;

namespace {

constexpr const char* journeys = R"(
[[journeys]]
name = "a"
weight = 3
steps = [{ do = "create" }]
[[journeys]]
name = "b"
weight = 1
steps = [{ do = "list" }]
[[journeys]]
name = "wave"
weight = 0
steps = [{ do = "create" }]
)";

scenario plan_of(const std::string& more) { return parse_scenario(more + journeys, "test"); }

std::vector<arrival> all_of(const scenario& what, std::uint64_t seed = 1) {
  arrival_plan plan(what, seed);
  std::vector<arrival> out;
  while (auto next = plan.next()) out.push_back(*next);
  return out;
}

std::size_t within(const std::vector<arrival>& all, nanoseconds from, nanoseconds to) {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& a) { return a.at >= from && a.at < to; }));
}

}  // namespace

TEST_CASE("plan: even arrivals come at the rate, to the nanosecond") {
  auto all = all_of(plan_of("arrivals = \"even\"\n[[stages]]\nduration = \"10s\"\nrate = 50\n"));
  REQUIRE(all.size() == 500);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].at == 20ms * static_cast<int>(i + 1));
}

TEST_CASE("plan: a ramp has the area under it, and its density rises") {
  auto what = plan_of("arrivals = \"even\"\n[[stages]]\nduration = \"10s\"\nrate = [0, 200]\n");
  auto all = all_of(what);
  CHECK(all.size() == 1000);
  CHECK(within(all, 0s, 5s) == 249);  // a quarter of the area, less the one that falls on its edge
  CHECK(within(all, 9s, 10s) >= 189);
  CHECK(within(all, 9s, 10s) <= 191);
  CHECK(planned_rate(what, 5s) == 100);
}

TEST_CASE("plan: Poisson arrivals have its mean and its variance") {
  auto all = all_of(plan_of("[[stages]]\nduration = \"1000s\"\nrate = 100\n"));
  CHECK(std::abs(static_cast<double>(all.size()) - 100'000) < 5 * std::sqrt(100'000.0));
  double sum = 0;
  double squares = 0;
  for (int second = 0; second < 1000; ++second) {
    auto count = static_cast<double>(within(all, std::chrono::seconds{second}, std::chrono::seconds{second + 1}));
    sum += count;
    squares += count * count;
  }
  double mean = sum / 1000;
  double variance = squares / 1000 - mean * mean;
  CHECK(variance / mean > 0.8);
  CHECK(variance / mean < 1.2);
}

TEST_CASE("plan: arrivals are in order, in their stage, and by weight") {
  auto what = plan_of(
      "[[stages]]\nduration = \"20s\"\nrate = 100\n[[stages]]\nduration = \"10s\"\nrate = 0\n"
      "[[stages]]\nduration = \"10s\"\nrate = [0, 400]\n");
  auto all = all_of(what);
  std::size_t first_kind = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) CHECK(all[i].at >= all[i - 1].at);
    CHECK(all[i].stage == (all[i].at < 20s ? 0U : 2U));
    first_kind += all[i].journey == 0 ? 1 : 0;
    CHECK(all[i].journey != 2);
  }
  CHECK(within(all, 20s, 30s) == 0);
  auto share = static_cast<double>(first_kind) / static_cast<double>(all.size());
  CHECK(share > 0.70);
  CHECK(share < 0.80);
}

TEST_CASE("plan: a burst is complete, within its time, and each of it is another") {
  auto what = plan_of(
      "[[stages]]\nduration = \"60s\"\nrate = 10\n"
      "[[bursts]]\nat = \"20s\"\nwithin = \"10s\"\ncount = 5000\njourney = \"wave\"\n");
  std::set<std::uint64_t> turns;
  for (const auto& a : all_of(what)) {
    if (!a.turn) continue;
    turns.insert(*a.turn);
    CHECK(a.journey == 2);
    CHECK(a.at >= 20s);
    CHECK(a.at <= 30s);
  }
  CHECK(turns.size() == 5000);
  CHECK(planned_rate(what, 25s) == 510);
  CHECK(planned_rate(what, 31s) == 10);
}

TEST_CASE("plan: a burst that repeats is as many bursts") {
  auto what = plan_of(
      "[[stages]]\nduration = \"60s\"\nrate = 0\n"
      "[[bursts]]\nat = \"1s\"\nwithin = \"1s\"\ncount = 10\njourney = \"wave\"\nrepeat = 6\nevery = \"10s\"\n");
  auto all = all_of(what);
  CHECK(all.size() == 60);
  for (int i = 0; i < 6; ++i) CHECK(within(all, 1s + 10s * i, 2s + 10s * i) == 10);
}

TEST_CASE("plan: a seed gives the same arrivals, another seed others") {
  auto what = plan_of("[[stages]]\nduration = \"10s\"\nrate = 100\n");
  auto lot = [](const std::vector<arrival>& all) {
    std::vector<std::pair<nanoseconds, std::uint64_t>> out;
    for (const auto& a : all) out.emplace_back(a.at, a.lot);
    return out;
  };
  CHECK(lot(all_of(what, 7)) == lot(all_of(what, 7)));
  CHECK(lot(all_of(what, 7)) != lot(all_of(what, 8)));
}

TEST_CASE("plan: --scale and --duration change rates and times, bursts included") {
  auto what = plan_of(
      "[[stages]]\nduration = \"60s\"\nrate = [10, 20]\n"
      "[[bursts]]\nat = \"30s\"\nwithin = \"10s\"\ncount = 100\njourney = \"wave\"\n");
  scale_rates(what, 2);
  fit_duration(what, 30s);
  CHECK(what.stages[0].from == 20);
  CHECK(what.stages[0].to == 40);
  CHECK(what.duration() == 30s);
  CHECK(what.bursts[0].at == 15s);
  CHECK(what.bursts[0].within == 5s);
  CHECK(what.bursts[0].count == 200);
}
