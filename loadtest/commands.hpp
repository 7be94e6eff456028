// The commands of `usher-load`, each a function from its arguments to an exit code.
#pragma once

#include <string>

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

}  // namespace usher::load
