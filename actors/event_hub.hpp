// The desk's events for those who follow them: the latest ones in memory, in the order in which they were committed.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>

#include "actors/event_source.hpp"
#include "domain/time.hpp"

namespace usher::actors {

/// A place in the stream: when the event was told, and its number in this process; number 0 is told from the store.
struct event_position {
  std::int64_t ms = 0;
  std::uint64_t number = 0;

  [[nodiscard]] std::string text() const { return std::to_string(ms) + "-" + std::to_string(number); }
  [[nodiscard]] static std::optional<event_position> parse(std::string_view text) noexcept;
};

/// Thread-safe. Costs a glance at an atomic for as long as nobody follows, and for those who follow one buffer that all
/// share: whoever is slower than it is told so, and nobody waits for him. docs/adr/0011.
class event_hub {
 public:
  static constexpr std::size_t kept_max = 16'384;
  static constexpr std::int64_t followers_max = 256;
  /// Kept up when the last follower has gone: he may be back in a moment.
  static constexpr domain::milliseconds kept_for{60'000};

  explicit event_hub(const domain::clock_port& clock) : clock_(clock) {}

  // -- what happens --
  void publish(const domain::change& what);
  void publish(const domain::alert_event& what);

  // -- followers --
  /// False when there are too many already, or the desk ends.
  [[nodiscard]] bool enter();
  /// `who` follows no longer, and is not woken any more.
  void leave(const event_source* who);
  /// The place of the latest event, and the number of the next.
  [[nodiscard]] std::pair<event_position, std::uint64_t> head() const;
  /// The number of the event after `at`, if the buffer goes back that far without a gap.
  [[nodiscard]] std::optional<std::uint64_t> number_after(const event_position& at) const;

  enum class reading { some, waiting, behind, closed };
  /// Takes the events from `number` on that `takes` lets through, up to `max`, and moves `number`. When there are none,
  /// `wake` is kept for `who`, and called once with the next event.
  template <class Takes>
  reading take(const event_source* who, std::uint64_t& number, std::size_t max, Takes takes,
               std::vector<event_line>& out, std::function<void()> wake) {
    std::scoped_lock guard(mutex_);
    if (closed_) return reading::closed;
    if (number < first_) return reading::behind;
    for (; number < first_ + kept_.size() && out.size() < max; ++number) {
      const auto& line = kept_[number - first_];
      if (takes(*line.event)) out.push_back(line);
    }
    if (!out.empty()) return reading::some;
    waiting_.insert_or_assign(who, std::move(wake));
    return reading::waiting;
  }

  /// Wakes everybody for the last time.
  void close();

 private:
  [[nodiscard]] bool is_followed() const noexcept { return until_ms_.load(std::memory_order_relaxed) != 0; }
  void add(std::vector<domain::feed_event> events);
  void drop_when_left();

  const domain::clock_port& clock_;
  mutable std::mutex mutex_;
  std::atomic<std::int64_t> until_ms_{0};  ///< 0: nobody follows; the largest: somebody does; else kept up until then
  std::int64_t followers_ = 0;
  std::deque<event_line> kept_;
  std::uint64_t first_ = 1;  ///< the number of the first one that is kept
  std::int64_t last_ms_ = 0;
  std::map<const event_source*, std::function<void()>> waiting_;
  bool closed_ = false;
};

}  // namespace usher::actors
