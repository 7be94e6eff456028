// The clocks that stopped since the monitor last looked.
#pragma once

#include <cstddef>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

#include "domain/desk_snapshot.hpp"
#include "domain/ticket_events.hpp"

namespace usher::actors {

/// Thread-safe and bounded: of more than it holds it keeps a fair sample.
class stopped_clocks {
 public:
  static constexpr std::size_t kept_max = 65'536;

  void note(const domain::change& what) {
    for (const auto& event : what.events) {
      const auto* clock = std::get_if<domain::clock_changed>(&event);
      if (clock == nullptr || clock->event.type != domain::clock_event_type::stop) continue;
      for (const auto& folded : what.after->clocks)
        if (folded.kind() == clock->kind && folded.cycle() == clock->cycle)
          keep({clock->kind, folded.elapsed(what.at)});
    }
  }

  [[nodiscard]] std::vector<domain::stopped_clock> take() {
    std::scoped_lock guard(mutex_);
    seen_ = 0;
    return std::exchange(kept_, {});
  }

 private:
  void keep(domain::stopped_clock clock) {
    std::scoped_lock guard(mutex_);
    ++seen_;
    if (kept_.size() < kept_max) return kept_.push_back(clock);
    auto place = std::uniform_int_distribution<std::size_t>(0, seen_ - 1)(random_);
    if (place < kept_max) kept_[place] = clock;
  }

  std::mutex mutex_;
  std::vector<domain::stopped_clock> kept_;
  std::size_t seen_ = 0;
  std::minstd_rand random_;
};

}  // namespace usher::actors
