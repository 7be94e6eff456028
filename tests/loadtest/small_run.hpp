// Runs of the harness within a test.
#pragma once

#include <string>

#include "loadtest/load_run.hpp"
#include "tests/loadtest/measured_server.hpp"

namespace usher::test {

/// Plays a scenario of requests against a server, without tokens.
inline load::run_result play(const measured_server& at, const std::string& toml, std::size_t threads = 1) {
  load::run_options options;
  options.url = at.url();
  options.where = *load::parse_target(at.url(), false);
  options.what = load::parse_scenario(toml, "test");
  options.what.limits.threads = threads;
  load::load_run run(std::move(options), {[](const std::string&) {}, [](const load::live_state&) {}});
  run.prepare();
  run.play();
  return run.result();
}

/// Whether the generator had the processor when it needed it. If not, it says so itself, and what it measured holds its
/// own delay: then nothing bounds that from above.
inline bool in_time(const load::run_result& r) { return r.total.lag.quantile(0.99) < std::chrono::milliseconds{20}; }

/// A scenario of one request, evenly spaced.
inline std::string steady_load(const std::string& target, double rate, const std::string& duration,
                               const std::string& more = {}) {
  return "arrivals = \"even\"\nmetrics = \"\"\n" + more +
         "\n[cast]\norganizations = 0\ncustomers = 0\n[[stages]]\nduration = \"" + duration +
         "\"\nrate = " + load::show_number(rate, 1) +
         "\n[[journeys]]\nname = \"ask\"\nsteps = [{ do = \"request\", name = \"ask\", target = \"" + target +
         "\" }]\n";
}

}  // namespace usher::test
