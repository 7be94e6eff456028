// The commands of `usher-load`, each a function from its arguments to an exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/corpus_run.hpp"

namespace usher::load {

struct corpus_arguments {
  std::string file;
  std::string url = "http://127.0.0.1:8080";
  bool allow_remote = false;
  std::string key_file;  ///< the desk's HS256 secret
  std::string report;    ///< where the JSON report goes; empty: none
  corpus_options options;
};

/// 0 when everything that was read back is as it was sent, 1 when not. Throws std::runtime_error when the run could not
/// take place or not be ended.
int corpus(const corpus_arguments& args);

struct run_arguments {
  std::string scenario;
  std::string url = "http://127.0.0.1:8080";
  bool allow_remote = false;
  std::string data = "./usher-data";  ///< the desk's data directory, for its key
  std::string key_file;               ///< DATA/jwt.key when empty
  bool no_tokens = false;
  std::uint64_t seed = 1;
  double scale = 1;
  std::string duration;
  std::size_t threads = 0;  ///< 0: as the scenario says
  std::string corpus;
  std::string database;
  std::string summary;  ///< where the JSON summary goes; empty: none
  std::string report;   ///< where the HTML report goes; empty: none
  std::vector<std::string> thresholds;
  bool no_verify = false;
};

inline constexpr int thresholds_crossed = 99;
inline constexpr int could_not = 2;

/// 0 when every threshold held, 99 when one was crossed, 130 when the run was interrupted and none was, 2 when none was
/// but what was acknowledged could not be looked for. Throws std::runtime_error when the run could not take place.
int run(const run_arguments& args);
/// Prints the built-in scenarios. Always 0.
int list();
/// Prints the text of a built-in scenario, to start one's own from. Throws std::runtime_error when there is none.
int show(const std::string& name);

}  // namespace usher::load
