#include <iostream>
#include <stdexcept>

#include "loadtest/commands.hpp"
#include "loadtest/live_view.hpp"
#include "loadtest/run_report.hpp"

namespace usher::load {

namespace {

run_options options_of(const run_arguments& args) {
  run_options out;
  auto where = parse_target(args.url, args.allow_remote);
  if (!where) throw std::runtime_error(where.error());
  out.where = std::move(*where);
  out.url = args.url;
  out.what = load_scenario(args.scenario);
  out.scale = args.scale;
  out.seed = args.seed;
  out.corpus = args.corpus;
  out.database = args.database;
  out.verify = !args.no_verify;
  if (!args.no_tokens) out.key_file = args.key_file.empty() ? args.data + "/jwt.key" : args.key_file;
  if (args.no_tokens && !args.database.empty())
    throw std::runtime_error("--database needs tokens: without them nothing is created that could be looked for");
  scale_rates(out.what, args.scale);
  if (!args.duration.empty()) {
    auto total = parse_duration(args.duration);
    if (!total || *total <= nanoseconds{0})
      throw std::runtime_error("--duration takes a duration such as 30s, 5m or 1h, not '" + args.duration + "'");
    fit_duration(out.what, *total);
  }
  if (args.no_verify) std::erase_if(out.what.thresholds, [](const threshold& t) { return t.metric == "lost"; });
  if (args.threads > 0) out.what.limits.threads = args.threads;
  for (const auto& text : args.thresholds) {
    auto parsed = parse_threshold(text);
    if (!parsed) throw std::runtime_error(parsed.error());
    out.what.thresholds.push_back(std::move(*parsed));
  }
  return out;
}

}  // namespace

int run(const run_arguments& args) {
  auto on = terminal_of_stdout();
  live_view view(std::cout, on);
  load_run work(options_of(args),
                {[&](const std::string& line) { view.say(line); }, [&](const live_state& state) { view.show(state); }});
  work.prepare();
  view.say("playing " + args.scenario + " against " + args.url);
  work.play();
  view.end();
  work.verify();
  auto result = work.result();
  print_result(std::cout, on, result);
  if (!args.summary.empty()) write_summary(args.summary, result);
  if (!args.report.empty()) write_page(args.report, result);
  if (!result.passed()) return thresholds_crossed;
  if (result.verified && !result.verified->problem.empty()) return could_not;
  return result.ended == "interrupted" ? 130 : 0;
}

int list() {
  auto on = terminal_of_stdout();
  for (const auto& name : shipped_scenarios()) {
    auto what = load_scenario(name);
    std::cout << painted(on, ink::bold, name) << std::string(name.size() < 18 ? 18 - name.size() : 1, ' ')
              << show_duration(what.duration()) << "  " << what.description << '\n';
  }
  return 0;
}

int show(const std::string& name) {
  const auto* file = find_shipped(name + ".toml");
  if (file == nullptr) throw std::runtime_error("there is no shipped scenario '" + name + "'; see usher-load list");
  std::cout << file->text;
  return 0;
}

}  // namespace usher::load
