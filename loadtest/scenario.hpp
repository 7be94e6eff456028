// What a run is to do: who comes, when, and what they do then. Read from a TOML file; docs/load-tests.md explains it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/threshold.hpp"
#include "loadtest/units.hpp"

namespace usher::load {

enum class role : std::uint8_t { customer, agent, supervisor, manager };

/// What a step does. `request` is a method and a target of the scenario's own, for other servers than Usher.
enum class action : std::uint8_t {
  create,
  read,
  thread,
  sla,
  history,
  message,
  reply,
  note,
  list,
  search,
  assign,
  status,
  escalate,
  acknowledge,
  csat,
  analytics,
  escalations,
  alerts,
  snapshots,
  categorize,
  events,
  request,
};
inline constexpr std::size_t actions = 22;

/// Uniformly drawn from `least` to `most`.
struct pause {
  nanoseconds least{0};
  nanoseconds most{0};
};

struct journey_step {
  action kind = action::read;
  std::size_t name = 0;            ///< index into `scenario::names`
  pause think;                     ///< before it; a journey's first step has none
  double chance = 1;               ///< that it is done at all
  bool optional = false;           ///< the server may not have it yet: 404 and 405 (of lists and searches also 400, an
                                   ///< unknown parameter) are counted apart
  std::vector<int> expect;         ///< the planned statuses
  std::vector<std::string> words;  ///< queries of `list`, statuses of `status`; one is drawn
  nanoseconds hold{0};             ///< how long `events` listens
  std::string method;              ///< of `request`
  std::string target;              ///< of `request`
  std::string body;                ///< of `request`; `{n}` is a number that no other request has
};

struct journey {
  std::string name;
  role who = role::customer;
  double weight = 1;     ///< 0: comes in bursts only
  std::string category;  ///< draws tickets with this label; empty: any
  std::vector<journey_step> steps;
};

/// Journeys that begin a second go from `from` to `to` evenly.
struct stage {
  std::string name;
  nanoseconds duration{0};
  double from = 0;
  double to = 0;
};

/// Journeys on top of the stages'.
struct burst {
  std::string name;
  nanoseconds at{0};
  nanoseconds within{0};
  std::uint64_t count = 0;
  std::size_t journey = 0;
};

struct cast_plan {
  std::size_t organizations = 40;
  std::size_t customers = 2000;
  std::size_t agents = 40;
  std::size_t supervisors = 4;
  double tail = 0.9;            ///< the n-th organization has a share that goes with n to the minus `tail` (Zipf)
  bool register_agents = true;  ///< makes the agents known to the desk, where it has the route
};

struct wedding_plan {
  double share = 0.8;                                 ///< of tickets that have a wedding
  double today = 0.03;                                ///< of those: from two hours ago to ten hours ahead
  nanoseconds spread = std::chrono::hours{24 * 150};  ///< the others: up to this far ahead
};

struct run_limits {
  nanoseconds timeout = std::chrono::seconds{10};  ///< of a request
  nanoseconds drain = std::chrono::seconds{30};    ///< for what is under way when the last stage ends
  std::size_t connections = 512;
  std::size_t in_flight = 20'000;  ///< journeys; what would begin above is dropped and counted
  std::size_t threads = 1;
};

/// When to end before the last stage does: a condition fails for as long as `hold`, over windows of `window` seconds.
struct stop_plan {
  std::vector<threshold> when_not;
  int window_seconds = 4;
  int hold_seconds = 8;  ///< longer than the window, else one bad second is enough
};

struct scenario {
  std::string name;
  std::string description;
  bool poisson = true;  ///< otherwise arrivals are evenly spaced
  std::string corpus;   ///< a path; empty: the built-in one
  std::string metrics = "/metrics";
  cast_plan cast;
  wedding_plan weddings;
  run_limits limits;
  stop_plan stop;
  std::vector<stage> stages;
  std::vector<burst> bursts;
  std::vector<journey> journeys;
  std::vector<threshold> thresholds;
  std::vector<std::string> names;  ///< of steps, as figures are kept by

  [[nodiscard]] nanoseconds duration() const;
};

/// Reads a scenario. Throws std::runtime_error, with the place in words, for what is not one: also for unknown keys,
/// and beyond the limits below.
[[nodiscard]] scenario parse_scenario(std::string_view toml, std::string name);

inline constexpr std::size_t stages_max = 100;
inline constexpr std::size_t bursts_max = 400;
inline constexpr std::size_t journeys_max = 50;
inline constexpr std::size_t steps_max = 50;
inline constexpr std::size_t names_max = 60;
inline constexpr double rate_max = 200'000;

/// Multiplies the rates and the bursts' counts.
void scale_rates(scenario& what, double factor);
/// Stretches or squeezes the stages, and the bursts with them, so that they last `total` together.
void fit_duration(scenario& what, nanoseconds total);

[[nodiscard]] std::string_view to_word(action kind) noexcept;
[[nodiscard]] std::string_view to_word(role who) noexcept;

/// The scenarios that are built in.
struct shipped_file {
  std::string_view name;  ///< with its ending, e.g. `smoke.toml`
  std::string_view text;
};
[[nodiscard]] const shipped_file* find_shipped(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string> shipped_scenarios();
/// A built-in scenario by its name, or a file by its path. Throws std::runtime_error.
[[nodiscard]] scenario load_scenario(const std::string& name_or_path);

}  // namespace usher::load
