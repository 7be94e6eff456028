// The commands of `usher`, each a function from its arguments to an exit code.
#pragma once

#include <string>

#include "app/settings.hpp"

namespace usher::app {

/// Runs the desk until SIGTERM or SIGINT, then drains. 0 after a drain, 1 when it could not start.
int serve(const serve_settings& settings);

/// Brings the schema of a database up to date: an outside one, or the embedded one under `data`.
int migrate(const std::string& database, const std::string& data);

struct token_request {
  std::string role;
  std::string sub;
  std::string organization;
  std::string ttl = "12h";  ///< a number and `s`, `m`, `h` or `d`
  std::string key_file;
};

struct doctor_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  std::string key_file;
};

/// Looks at everything that a desk needs and prints a line for each: `ok` or `FAIL`, a name, words. 1 when one fails.
int doctor(const doctor_request& request);

/// Prints a signed token.
int token(const token_request& request);

}  // namespace usher::app
