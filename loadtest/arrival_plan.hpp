// When journeys begin: planned ahead, and never put off because the server is slow.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadtest/lots.hpp"
#include "loadtest/scenario.hpp"

namespace usher::load {

struct arrival {
  nanoseconds at{0};      ///< since the run's begin
  std::size_t stage = 0;  ///< in which it lies
  std::size_t journey = 0;
  std::uint64_t lot = 0;              ///< the seed of everything that the journey draws
  std::optional<std::uint64_t> turn;  ///< which of its burst it is
};

/// Goes through a scenario's arrivals in order. The same scenario and seed give the same arrivals.
class arrival_plan {
 public:
  arrival_plan(const scenario& what, std::uint64_t seed);

  /// Nothing after the last.
  [[nodiscard]] std::optional<arrival> next();

 private:
  struct burst_state {
    const burst* what;
    std::uint64_t done = 0;
    nanoseconds at{0};
  };

  void plan_stage_arrival();
  void plan_burst_arrival(burst_state& state);
  [[nodiscard]] std::size_t stage_at(nanoseconds at) const;
  [[nodiscard]] std::size_t draw_journey();

  const scenario& what_;
  lots lots_;
  std::vector<double> weights_;      ///< of the journeys, summed up
  std::vector<nanoseconds> begins_;  ///< of the stages
  std::size_t stage_ = 0;
  double due_ = 0;  ///< arrivals of the stage up to the next one, as the area under its rate
  std::optional<nanoseconds> next_;
  std::vector<burst_state> bursts_;
};

/// Journeys a second that a scenario plans at an instant, its bursts included.
[[nodiscard]] double planned_rate(const scenario& what, nanoseconds at);

}  // namespace usher::load
