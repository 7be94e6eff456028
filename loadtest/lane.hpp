// A thread that begins journeys when they are planned, and goes them step by step.
#pragma once

#include <atomic>
#include <exception>
#include <memory>

#include "loadtest/recorder.hpp"
#include "loadtest/steps.hpp"

namespace usher::load {

/// What the lanes of a run share.
struct lane_props {
  stage_props props;
  std::uint64_t seed = 1;
  std::string address;  ///< an IP address
  unsigned short port = 0;
  std::string host;  ///< for the `Host` header
  ticket_book& book;
  recorder& figures;
};

/// Takes every `count`-th arrival of the plan. The plan does not wait for answers: it is an open model.
class lane {
 public:
  lane(const lane_props& shared, std::size_t index, std::size_t count);
  ~lane();
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  /// Plays the plan from `begin` on and returns when the last answer is there, or the time to wait for it is over.
  /// Throws what a journey threw: a broken invariant. To be called once.
  void run(steady::time_point begin);
  /// No further journeys and no further steps; answers that are due are waited for. From any thread.
  void stop() noexcept;

  [[nodiscard]] std::size_t journeys_under_way() const noexcept;
  [[nodiscard]] std::size_t requests_under_way() const noexcept;
  [[nodiscard]] std::size_t connections() const noexcept;
  [[nodiscard]] std::uint64_t events() const noexcept;
  /// Journeys begun or dropped so far.
  [[nodiscard]] std::uint64_t planned() const noexcept;
  /// CPU time of the thread so far.
  [[nodiscard]] nanoseconds cpu() const noexcept;

 private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

}  // namespace usher::load
