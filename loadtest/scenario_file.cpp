// The scenario's TOML.
#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "loadtest/steps.hpp"
#include "loadtest/table_reader.hpp"

namespace usher::load {

namespace {

/// Index of a step's name, which is entered when it is new.
std::size_t name_index(scenario& out, const std::string& name, const table_reader& in) {
  auto found = std::find(out.names.begin(), out.names.end(), name);
  if (found != out.names.end()) return static_cast<std::size_t>(found - out.names.begin());
  if (out.names.size() == names_max) in.fail("name", "is one name too many");
  out.names.push_back(name);
  return out.names.size() - 1;
}

action read_kind(table_reader& in) {
  std::string word;
  in.must_have("do");
  in.read("do", word);
  for (std::size_t k = 0; k < actions; ++k) {
    if (to_word(static_cast<action>(k)) == word) return static_cast<action>(k);
  }
  in.fail("do", "is not a kind of step: " + word);
}

journey_step read_step(scenario& out, table_reader in, bool first) {
  journey_step step;
  step.kind = read_kind(in);
  std::string name(to_word(step.kind));
  in.read("name", name);
  step.name = name_index(out, name, in);
  in.read("think", step.think);
  if (first && in.has("think")) in.fail("think", "has no place before the first step: it begins when the journey does");
  in.read("chance", step.chance, 0, 1);
  step.optional = rule_of(step.kind).optional;
  in.read("optional", step.optional);
  step.expect = rule_of(step.kind).expect;
  in.read("expect", step.expect);
  if (step.kind == action::list) in.read("query", step.words);
  if (step.kind == action::status) {
    step.words = {"pending", "resolved"};
    in.read("to", step.words);
  }
  if (step.kind == action::events) {
    step.hold = std::chrono::seconds{10};
    in.read("hold", step.hold);
  }
  if (step.kind == action::request) {
    step.method = "GET";
    in.read("method", step.method);
    in.must_have("target");
    in.read("target", step.target);
    in.read("body", step.body);
    if (!step.target.starts_with('/')) in.fail("target", "does not begin with /");
  }
  in.done();
  return step;
}

journey read_journey(scenario& out, table_reader in) {
  journey j;
  in.must_have("name");
  in.read("name", j.name);
  std::string who = "customer";
  in.read("who", who);
  bool known = false;
  for (auto r : {role::customer, role::agent, role::supervisor, role::manager}) {
    if (to_word(r) != who) continue;
    j.who = r;
    known = true;
  }
  if (!known) in.fail("who", "is none of customer, agent, supervisor, manager");
  in.read("weight", j.weight, 0, 1e6);
  in.read("category", j.category);
  for (auto& step : in.tables("steps", steps_max)) j.steps.push_back(read_step(out, std::move(step), j.steps.empty()));
  if (j.steps.empty()) in.fail("steps", "is empty");
  in.done();
  return j;
}

stage read_stage(table_reader in, std::size_t number) {
  stage s;
  s.name = "stage-" + std::to_string(number);
  in.read("name", s.name);
  in.must_have("duration");
  in.read("duration", s.duration);
  if (s.duration <= nanoseconds{0}) in.fail("duration", "is nothing");
  in.read_rates(s.from, s.to);
  in.done();
  return s;
}

/// One, or as many as `repeat` says, `every` so often.
void read_bursts(scenario& out, table_reader in) {
  burst b;
  in.read("name", b.name);
  in.must_have("at");
  in.read("at", b.at);
  in.read("within", b.within);
  std::size_t count = 0;
  in.must_have("count");
  in.read("count", count, 1, 10'000'000);
  b.count = count;
  std::string wanted;
  in.must_have("journey");
  in.read("journey", wanted);
  auto found = std::find_if(out.journeys.begin(), out.journeys.end(), [&](const auto& j) { return j.name == wanted; });
  if (found == out.journeys.end()) in.fail("journey", "names none: " + wanted);
  b.journey = static_cast<std::size_t>(found - out.journeys.begin());
  std::size_t repeat = 1;
  in.read("repeat", repeat, 1, bursts_max);
  nanoseconds every{0};
  in.read("every", every);
  if (repeat > 1 && every <= nanoseconds{0}) in.fail("every", "is missing");
  in.done();
  for (std::size_t i = 0; i < repeat; ++i, b.at += every) {
    if (b.at + b.within > out.duration()) in.fail("at", "and within go beyond the last stage");
    if (out.bursts.size() == bursts_max) in.fail("repeat", "makes too many bursts");
    out.bursts.push_back(b);
  }
}

void read_cast(scenario& out, table_reader in) {
  auto& c = out.cast;
  in.read("organizations", c.organizations, 0, 10'000);
  in.read("customers", c.customers, 0, 1'000'000);
  in.read("agents", c.agents, 0, 10'000);
  in.read("supervisors", c.supervisors, 0, 1'000);
  in.read("tail", c.tail, 0, 3);
  in.read("register_agents", c.register_agents);
  if (c.customers < c.organizations) in.fail("customers", "are fewer than organizations");
  in.done();
}

void read_the_rest(scenario& out, table_reader& in) {
  read_cast(out, in.table("cast"));
  auto weddings = in.table("weddings");
  weddings.read("share", out.weddings.share, 0, 1);
  weddings.read("today", out.weddings.today, 0, 1);
  // A year's days are more than a duration may say elsewhere.
  double days = 150;
  weddings.read("spread_days", days, 0, 700);
  out.weddings.spread = from_seconds(days * 86'400);
  weddings.done();
  auto limits = in.table("limits");
  limits.read("timeout", out.limits.timeout);
  limits.read("drain", out.limits.drain);
  limits.read("connections", out.limits.connections, 1, 50'000);
  limits.read("in_flight", out.limits.in_flight, 1, 1'000'000);
  limits.read("threads", out.limits.threads, 1, 16);
  limits.done();
  auto stop = in.table("stop");
  stop.read("when_not", out.stop.when_not);
  std::size_t window = 4;
  std::size_t hold = 8;
  stop.read("window_seconds", window, 1, 60);
  stop.read("hold_seconds", hold, 1, 600);
  out.stop.window_seconds = static_cast<int>(window);
  out.stop.hold_seconds = static_cast<int>(hold);
  stop.done();
}

/// What no single key shows.
void check_whole(const scenario& s) {
  if (s.stages.empty()) throw std::runtime_error("there are no stages");
  if (s.journeys.empty()) throw std::runtime_error("there are no journeys");
  if (s.duration() > std::chrono::hours{24 * 7}) throw std::runtime_error("the stages last longer than a week");
  bool any = std::any_of(s.journeys.begin(), s.journeys.end(), [](const auto& j) { return j.weight > 0; });
  bool calls = std::any_of(s.stages.begin(), s.stages.end(), [](const auto& t) { return t.from > 0 || t.to > 0; });
  if (calls && !any) throw std::runtime_error("no journey has a weight");
  for (const auto& j : s.journeys) {
    bool foreign =
        std::all_of(j.steps.begin(), j.steps.end(), [](const auto& step) { return step.kind == action::request; });
    std::size_t cast = j.who == role::customer ? s.cast.customers
                       : j.who == role::agent  ? s.cast.agents
                                               : s.cast.supervisors;
    if (!foreign && cast == 0)
      throw std::runtime_error("journey " + j.name + " needs people of the role " + std::string(to_word(j.who)) +
                               " in the cast");
  }
}

}  // namespace

scenario parse_scenario(std::string_view text, std::string name) {
  scenario out;
  out.name = std::move(name);
  try {
    toml::table root = toml::parse(text);
    table_reader in(root, "");
    in.read("description", out.description);
    std::string arrivals = "poisson";
    in.read("arrivals", arrivals);
    if (arrivals != "poisson" && arrivals != "even") in.fail("arrivals", "is neither poisson nor even");
    out.poisson = arrivals == "poisson";
    in.read("corpus", out.corpus);
    in.read("metrics", out.metrics);
    in.read("thresholds", out.thresholds);
    read_the_rest(out, in);
    for (auto& stage : in.tables("stages", stages_max))
      out.stages.push_back(read_stage(std::move(stage), out.stages.size() + 1));
    for (auto& j : in.tables("journeys", journeys_max)) out.journeys.push_back(read_journey(out, std::move(j)));
    for (auto& b : in.tables("bursts", bursts_max)) read_bursts(out, std::move(b));
    in.done();
    check_whole(out);
  } catch (const toml::parse_error& problem) {
    std::ostringstream where;
    where << problem.source().begin;
    throw std::runtime_error("scenario " + out.name + ": " + std::string(problem.description()) + ", " + where.str());
  } catch (const std::runtime_error& problem) {
    throw std::runtime_error("scenario " + out.name + ": " + problem.what());
  }
  return out;
}

}  // namespace usher::load
