// The settings of `usher serve`: flag, then environment, then file, then default.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/assignment.hpp"
#include "domain/error.hpp"
#include "domain/freeze.hpp"
#include "domain/incident_watch.hpp"
#include "domain/time.hpp"
#include "net/address_list.hpp"

namespace usher::app {

/// One setting, as the command line, the environment (`USHER_` and the name in capitals) and the file spell it.
struct setting {
  std::string_view name;
  std::string_view fallback;  ///< what holds when nobody says
  std::string_view help;
  bool is_switch = false;  ///< a flag without a value; `true` and `false` elsewhere
  bool is_secret = false;  ///< masked by `--print-config`
};

/// Every setting, in the order in which they are shown.
[[nodiscard]] const std::vector<setting>& all_settings();

/// A value and where it came from: `flag`, `environment`, `file`, `default`.
struct setting_value {
  std::string text;
  std::string source;
};

using setting_values = std::map<std::string, setting_value, std::less<>>;

/// Puts the sources together. `flags` holds what the command line gave; `file` is a path or empty. Errors: an unknown
/// key in the file, with the nearest right name; a file that can't be read or is not TOML.
[[nodiscard]] domain::result<setting_values> resolve_settings(const std::map<std::string, std::string>& flags,
                                                              const std::string& file);

/// A variable of the environment that begins with `USHER_` and is no setting.
struct unknown_variable {
  std::string name;
  std::string nearest;  ///< the variable that may have been meant
};

/// Refused by nobody, since others may use the prefix; `usher serve` tells the log.
[[nodiscard]] std::vector<unknown_variable> unknown_environment();

/// `name = value  # source`, a line each, secrets masked.
[[nodiscard]] std::string print_settings(const setting_values& values);

/// The settings as the program uses them.
struct serve_settings {
  std::string listen_address;
  std::uint16_t listen_port = 0;
  std::string database;  ///< a libpq connection string; empty: an embedded PostgreSQL
  std::string data;
  std::string jwt_key;
  std::string tls_certificate;  ///< a file; empty: plain HTTP
  std::string tls_key;
  net::address_list trusted_proxies;
  std::vector<std::string> cors_origins;
  bool demo = false;
  bool require_if_match = false;
  std::size_t io_threads = 1;
  std::size_t worker_threads = 1;
  std::size_t writer_lanes = 1;
  std::size_t read_connections = 4;
  std::size_t rate_limit_caller = 100;
  std::size_t rate_limit_organization = 1000;
  std::size_t rate_limit_address = 1000;
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 5000;
  domain::milliseconds overload_target{150};
  std::size_t shards = 16;
  std::string public_url;  ///< without a slash at the end; empty: where it listens
  domain::assignment_rules assignment;
  domain::milliseconds monitor_interval{60'000};
  std::string heartbeat_url;  ///< empty: nobody is told
  std::string log_level;
  domain::freeze_rules freeze;
  domain::incident_rules incidents;
  std::string break_glass;  ///< why migrations are applied in a freeze; empty: they wait
};

/// When the desk is frozen, by the settings `freeze` and `freeze-days`.
[[nodiscard]] domain::result<domain::freeze_rules> read_freeze_rules(const setting_values& values);

/// Checks every value. The error names the setting, what it got, and what it takes.
[[nodiscard]] domain::result<serve_settings> check_settings(const setting_values& values);

}  // namespace usher::app
