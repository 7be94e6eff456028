// Figures: histograms, thresholds, what the server says, and what is concluded.
#include <algorithm>
#include <cmath>
#include <random>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "loadtest/exposition.hpp"
#include "loadtest/run_figures.hpp"

using namespace usher::load;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

threshold read(const std::string& text) {
  auto parsed = parse_threshold(text);
  if (!parsed) throw std::runtime_error(parsed.error());
  return *parsed;
}

scenario names() {
  return parse_scenario(
      "[[stages]]\nname = \"calm\"\nduration = \"1s\"\nrate = 1\n[[stages]]\nname = \"wall\"\nduration = \"1s\"\nrate "
      "= 1\n"
      "[[journeys]]\nname = \"a\"\nsteps = [{ do = \"create\" }, { do = \"read\" }]\n",
      "test");
}

sample sample_of(std::size_t name, std::size_t stage, outcome how, int status, nanoseconds took) {
  sample s;
  s.name = name;
  s.stage = stage;
  s.how = how;
  s.status = status;
  s.corrected = took;
  s.service = took / 2;
  s.write = name == 0;
  return s;
}

}  // namespace

TEST_CASE("histogram: quantiles are within a hundredth of the sorted values'") {
  std::mt19937_64 random(11);
  std::lognormal_distribution<double> shape(-5, 1.5);
  histogram h;
  std::vector<double> values;
  for (int i = 0; i < 200'000; ++i) {
    values.push_back(shape(random));
    h.record(from_seconds(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (double q : {0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
    auto exact = values[static_cast<std::size_t>(std::ceil(q * 200'000)) - 1];
    CAPTURE(q, exact);
    CHECK(in_seconds(h.quantile(q)) == Approx(exact).epsilon(0.01));
  }
  CHECK(in_seconds(h.max()) == Approx(values.back()));
  CHECK(in_seconds(h.min()) == Approx(values.front()).margin(2e-9));
  CHECK(h.quantile(1) <= h.max());
}

TEST_CASE("histogram: merging is recording both; nothing and too much are no trouble") {
  histogram a;
  histogram b;
  histogram both;
  CHECK(a.quantile(0.5) == 0ns);
  CHECK(a.max() == 0ns);
  for (int i = 1; i <= 1000; ++i) {
    (i % 2 == 0 ? a : b).record(std::chrono::milliseconds{i});
    both.record(std::chrono::milliseconds{i});
  }
  a.merge(b);
  a.merge(histogram());
  CHECK(a.count() == 1000);
  for (double q : {0.1, 0.5, 0.99}) CHECK(a.quantile(q) == both.quantile(q));
  a.record(5h);
  a.record(-1s);
  CHECK(a.max() == 5h);
  CHECK(a.min() == 0ns);
  auto counts = both.counts_between({100ms, 500ms});
  CHECK(counts[0] + counts[1] + counts[2] == 1000);
  CHECK(counts[0] == Approx(100).margin(2));
  CHECK(counts[2] == Approx(500).margin(5));
}

TEST_CASE("threshold: expressions are read, and wrong ones told") {
  auto t = read("http_req_duration{name:create,stage:2 p.m. wall} p(99.9) <= 0.5s");
  CHECK(t.metric == "http_req_duration");
  CHECK(t.labels.size() == 2);
  CHECK(t.labels[1].second == "2 p.m. wall");
  CHECK(t.quantile == Approx(0.999));
  CHECK(t.bound == 500);
  CHECK(read("http_req_duration{name:create} p(95)<200").bound == 200);
  CHECK(read("errors < 0.1%").bound == Approx(0.001));
  CHECK(read("lost == 0").than == comparison::equal);
  for (const char* bad : {"", "lost", "lost 0", "lost = 0", "losses == 0", "http_req_duration < 5", "lost p(95) < 5",
                          "http_req_duration p(101) < 5", "http_req_duration{x:y} max < 5", "lost < 5ms", "lost < five",
                          "http_req_duration{name:create max < 5", "http_req_duration max < 5%", "lost == 0 0"})
    CHECK_FALSE(parse_threshold(bad));
}

TEST_CASE("threshold: values come from the cells that the labels name") {
  auto what = names();
  measures m;
  m.seconds = 10;
  for (int i = 0; i < 90; ++i) m.add(sample_of(0, 0, outcome::planned, 201, 10ms));
  for (int i = 0; i < 10; ++i) m.add(sample_of(0, 1, outcome::planned, 201, 400ms));
  for (int i = 0; i < 95; ++i) m.add(sample_of(1, 0, outcome::planned, 200, 1ms));
  for (int i = 0; i < 3; ++i) m.add(sample_of(0, 1, outcome::refused, 503, 100us));
  m.add(sample_of(1, 1, outcome::unplanned, 500, 5ms));
  m.add(sample_of(0, 1, outcome::timed_out, 0, 10s));
  auto value = [&](const std::string& text) { return measure(m, what, read(text)).value_or(-1); };
  CHECK(value("http_req_duration{name:create,stage:calm} p(95) < 1") == Approx(10).epsilon(0.01));
  CHECK(value("http_req_service{name:create,stage:calm} p(95) < 1") == Approx(5).epsilon(0.01));
  CHECK(value("http_req_duration{name:create,stage:wall} med < 1") == Approx(400).epsilon(0.01));
  CHECK(value("http_req_duration max < 1") == Approx(10'000));
  CHECK(value("http_req_refused_duration max < 1") == Approx(0.1));
  CHECK(value("http_reqs == 0") == 200);
  CHECK(value("http_reqs rate > 0") == 20);
  CHECK(value("http_reqs{status:503} == 0") == 3);
  CHECK(value("errors < 1") == Approx(0.01));
  CHECK(value("errors count < 1") == 2);
  CHECK(value("errors{name:read} count < 1") == 1);
  CHECK(value("refused < 1") == Approx(0.015));
  CHECK(value("unknown == 0") == 4);
  CHECK(value("lost == 0") == -1);  // nobody has looked yet
  m.lost = 0;
  CHECK(value("lost == 0") == 0);
  CHECK(value("http_req_duration{name:nobody} max < 1") == -1);
  m.dropped = 200;
  CHECK(value("errors count < 1") == 202);
  CHECK(value("errors < 1") == Approx(202.0 / 400));
}

TEST_CASE("exposition: samples, sums and quantiles of what was counted in between") {
  auto before = exposition::parse(
      "# HELP x\n# TYPE h histogram\nreqs{route=\"/a\",status=\"200\"} 5\nh_bucket{le=\"0.1\"} "
      "10\nh_bucket{le=\"0.2\"} 10\n"
      "h_bucket{le=\"+Inf\"} 10\n");
  auto now = exposition::parse(
      "reqs{route=\"/a\",status=\"200\"} 15\nreqs{route=\"/b}\\\"\",status=\"503\"} 3 1700000000\ngauge 1.5e3\n"
      "h_bucket{le=\"0.1\"} 60\nh_bucket{le=\"0.2\"} 110\nh_bucket{le=\"+Inf\"} 110\nbroken{\n");
  CHECK(now.sum("reqs") == 18);
  CHECK(now.sum("reqs", "status=\"503\"") == 3);
  CHECK(now.sum("gauge") == 1500);
  CHECK_FALSE(now.sum("nothing"));
  CHECK(now.quantile("h", 0.5, &before).value_or(0) == Approx(0.1));
  CHECK(now.quantile("h", 0.75, &before).value_or(0) == Approx(0.15));
  CHECK_FALSE(now.quantile("h", 0.5, &now));
}

TEST_CASE("figures: the limit is the rate up to which everything held, and needs more than a moment") {
  auto what = names();
  what.stop.when_not = {read("http_req_duration{name:create} p(95) < 200")};
  what.stop.window_seconds = 1;
  what.stop.hold_seconds = 3;
  limit_finder finder(what);
  auto second = [&](double rate, nanoseconds took) {
    measures m;
    m.seconds = 1;
    for (int i = 0; i < 10; ++i) m.add(sample_of(0, 0, outcome::planned, 201, took));
    series_point p;
    p.at_seconds = rate / 10;
    p.planned_rate = rate;
    p.by_outcome[0] = rate;
    return finder.add(m, p);
  };
  CHECK_FALSE(second(100, 10ms));
  CHECK_FALSE(second(200, 500ms));  // a moment
  CHECK_FALSE(second(300, 10ms));
  CHECK_FALSE(second(400, 500ms));
  CHECK_FALSE(second(500, 500ms));
  auto found = second(600, 500ms);
  REQUIRE(found);
  CHECK(found->planned_rate == 400);
  CHECK(found->held_rate == 300);
  CHECK(found->condition == "http_req_duration{name:create} p(95) < 200");
  CHECK(found->value == Approx(500).epsilon(0.01));
}

TEST_CASE("figures: recovery is from the end of the wave until it is as quick as before") {
  std::vector<series_point> series(30);
  for (std::size_t i = 0; i < series.size(); ++i) {
    auto& p = series[i];
    p.at_seconds = static_cast<double>(i);
    p.seconds = 1;
    p.planned_rate = i >= 10 && i < 15 ? 100 : 10;
    p.p95_ms = 20;
  }
  CHECK(recovery_after(series) == 0);
  for (std::size_t i = 11; i < 18; ++i) series[i].p95_ms = 900;
  CHECK(recovery_after(series) == 3);
  series[20].by_outcome[static_cast<std::size_t>(outcome::refused)] = 5;
  CHECK(recovery_after(series) == 3);
  for (auto& p : series) p.planned_rate = 10;
  CHECK(recovery_after(series) < 0);
}

TEST_CASE("figures: a generator that is late says so") {
  std::vector<series_point> series(10);
  measures m;
  for (int i = 0; i < 1000; ++i) m.lag.record(200us);
  CHECK_FALSE(judge_generator(series, m, 1).is_bottleneck);
  for (std::size_t i = 0; i < 4; ++i) series[i].lag_p99_ms = 30;
  auto late = judge_generator(series, m, 1);
  CHECK(late.is_bottleneck);
  CHECK(late.late_slots == 4);
  CHECK(late.words.find("was late") != std::string::npos);
  for (auto& p : series) p.cpu_share = 0.97;
  CHECK(judge_generator(series, m, 1).words.find("bottleneck") != std::string::npos);
}
