// What was measured, kept so that it can be asked for by step, stage and outcome, and added up.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/histogram.hpp"
#include "loadtest/scenario.hpp"

namespace usher::load {

/// How an exchange ended.
enum class outcome : std::uint8_t {
  planned,    ///< a status that the step expects
  absent,     ///< an optional step that the server does not have
  refused,    ///< 429 or 503
  unplanned,  ///< any other status
  timed_out,  ///< no whole answer within the time limit
  cut,        ///< the connection could not be made, or was lost
};
inline constexpr std::size_t outcomes = 6;
[[nodiscard]] std::string_view to_word(outcome what) noexcept;

struct sample {
  std::size_t name = 0;   ///< index into `scenario::names`
  std::size_t stage = 0;  ///< in which the moment lies at which it was planned
  role who = role::customer;
  outcome how = outcome::planned;
  bool write = false;        ///< a POST, PUT, PATCH or DELETE
  int status = 0;            ///< 0: none
  nanoseconds corrected{0};  ///< from the planned moment to the answer's last byte
  nanoseconds service{0};    ///< from the moment at which it was sent
};

/// The figures of one kind of request in one stage.
struct cell {
  histogram duration;  ///< corrected, of all but refusals and absent routes: a time-out counts with the time it took
  histogram service;   ///< of the same
  histogram refused;   ///< corrected, of refusals
  std::array<std::uint64_t, outcomes> by_outcome{};
  std::map<int, std::uint64_t> by_status;
  std::uint64_t unknown = 0;  ///< writes refused with 503, timed out or cut: whether they were done is not known

  void add(const sample& what);
  void merge(const cell& other);
  [[nodiscard]] std::uint64_t requests() const;
};

struct cell_key {
  std::size_t name = 0;
  std::size_t stage = 0;
  role who = role::customer;
  auto operator<=>(const cell_key&) const = default;
};

/// Figures of a time span, or of a whole run. Not thread-safe.
struct measures {
  std::map<cell_key, cell> cells;
  histogram lag;                        ///< how late journeys began, and thoughts ended
  std::uint64_t journeys = 0;           ///< that began
  std::uint64_t dropped = 0;            ///< that did not: too many were under way
  std::uint64_t skipped = 0;            ///< that did not: there was no ticket yet to take
  std::optional<std::uint64_t> lost;    ///< acknowledged, and not found at the end; nothing: nobody could look
  std::optional<double> memory_growth;  ///< of the server, as a share; see `memory_growth_of`
  double seconds = 0;

  void add(const sample& what) { cells[{what.name, what.stage, what.who}].add(what); }
  void merge(const measures& other);
  /// All cells as one.
  [[nodiscard]] cell sum() const;
};

/// The value of a threshold's metric: milliseconds, counts, rates a second, or shares. Nothing when there is nothing to
/// take a duration of.
[[nodiscard]] std::optional<double> measure(const measures& from, const scenario& names, const threshold& what);

}  // namespace usher::load
