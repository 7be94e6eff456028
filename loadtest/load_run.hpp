// One run of a scenario against a server, from the making of its cast to the verdict.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loadtest/run_figures.hpp"

namespace usher::load {

struct run_options {
  target where;
  std::string url;  ///< as it was given
  scenario what;
  double scale = 1;  ///< that was applied already; for the report
  std::uint64_t seed = 1;
  std::string key_file;  ///< an HS256 secret; empty: requests carry no token
  std::string corpus;    ///< a file instead of the scenario's
  std::string database;  ///< a connection string; empty: only the API is asked
  bool verify = true;
};

/// What a view may show once in a while.
struct live_state {
  const scenario* what = nullptr;
  double at_seconds = 0;
  const std::vector<series_point>* series = nullptr;
  const measures* total = nullptr;
  std::size_t in_flight = 0;
  std::uint64_t acknowledged = 0;
  bool late = false;    ///< the generator, in the last slot
  bool second = false;  ///< a second has ended since the last call
};

/// Told what happens, by the thread that calls the run.
struct run_listener {
  std::function<void(const std::string& line)> say;   ///< a phase begins or ends
  std::function<void(const live_state& state)> show;  ///< a few times a second
};

class load_run {
 public:
  load_run(run_options options, run_listener listener);
  ~load_run();
  load_run(const load_run&) = delete;
  load_run& operator=(const load_run&) = delete;

  /// Makes the organizations and, where the server has the route, the agents. Throws std::runtime_error when the server
  /// can't be reached or refuses.
  void prepare();
  /// Plays the stages. SIGINT and SIGTERM end it early; a second one ends the process.
  void play();
  /// Looks for what was acknowledged. That it could not is told by the result.
  void verify();
  /// With the verdicts on the thresholds. To be called once, at the end.
  [[nodiscard]] run_result result();

 private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

}  // namespace usher::load
