// A hierarchical timing wheel: arm and cancel in constant time, however many timers wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::actors {

/// What a timer says when it goes off. `generation` lets its owner tell a tick of today from one that it has since
/// replaced.
struct due_timer {
  domain::ticket_id id;
  std::uint32_t generation = 0;
  domain::instant when{};
};

/// Names an armed timer for `cancel`. A value that is not armed any more is harmless.
struct timer_handle {
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t index = none;
  std::uint32_t generation = 0;
};

/// Deadlines are wall-clock instants. A timer never goes off early, and at most one tick late. Not thread-safe.
class deadline_wheel {
 public:
  static constexpr domain::milliseconds tick{4};

  explicit deadline_wheel(domain::instant now);

  /// A deadline that has passed goes off with the next `advance`.
  timer_handle arm(domain::ticket_id id, domain::instant when, std::uint32_t generation);

  /// False when the timer has gone off or was cancelled before.
  bool cancel(timer_handle handle);

  /// Appends every timer with `when <= now`, in no order within a tick. A wall clock that jumps, in either direction,
  /// is followed: what is due by the new time goes off, the rest waits for it.
  void advance(domain::instant now, std::vector<due_timer>& due);

  [[nodiscard]] std::size_t armed() const noexcept { return armed_; }
  /// Memory of the timers and their slots.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  static constexpr unsigned slot_bits = 8;
  static constexpr std::uint32_t slots = 1U << slot_bits;
  static constexpr unsigned levels = 5;
  static constexpr std::uint32_t nil = timer_handle::none;
  static constexpr std::size_t chunk_size = 4096;
  /// Past so many ticks at once, placing everything anew is cheaper than walking.
  static constexpr std::int64_t walk_ticks_max = 1 << 20;

  struct node {
    std::int64_t when_ms = 0;
    domain::ticket_id id;
    std::uint32_t generation = 0;
    std::uint32_t next = nil;
    std::uint32_t previous = nil;
    std::uint16_t slot = free_slot;  ///< level * slots + slot, or `free_slot`
  };
  static constexpr std::uint16_t free_slot = UINT16_MAX;

  [[nodiscard]] node& at(std::uint32_t index) noexcept { return (*chunks_[index / chunk_size])[index % chunk_size]; }
  std::uint32_t allocate();
  void release(std::uint32_t index) noexcept;
  /// Puts a timer where it goes off at its tick, or at `earliest`, whichever is later.
  void link(std::uint32_t index, std::int64_t earliest) noexcept;
  void unlink(std::uint32_t index) noexcept;
  void cascade(unsigned level) noexcept;
  void fire_current(std::vector<due_timer>& due);
  void place_anew(std::int64_t tick_now, std::vector<due_timer>& due);
  [[nodiscard]] std::vector<std::uint32_t> take_all();

  std::vector<std::unique_ptr<std::array<node, chunk_size>>> chunks_;
  std::array<std::uint32_t, static_cast<std::size_t>(levels) * slots> heads_;
  std::uint32_t free_ = nil;
  std::uint32_t used_ = 0;
  std::int64_t now_tick_;  ///< the last tick that has been fired
  std::size_t armed_ = 0;
};

}  // namespace usher::actors
