// Changes what people have set for the desk: one change at a time, stored before it holds.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "actors/desk_parts.hpp"
#include "actors/gateway.hpp"

namespace usher::actors {

/// Thread-safe, and never waits: a change that comes while another one is being stored waits its turn, and is decided
/// on what that one left.
class settings_keeper {
 public:
  explicit settings_keeper(desk_parts& desk) : desk_(desk) {}

  void change(settings_request what);

 private:
  /// Changes that wait for their turn.
  static constexpr std::size_t waiting_max = 256;

  void start(settings_request what);
  /// Has a change that was decided made ready, then stored.
  void prepare(settings_request what, domain::settings_change changed);
  /// Stores a change that was decided, then lets it hold; `put_in_force`, when there is one, at the same time.
  void keep(settings_request what, domain::settings_change changed, std::function<void()> put_in_force);
  void finish();

  desk_parts& desk_;
  std::mutex mutex_;
  bool busy_ = false;
  std::deque<settings_request> queue_;
};

}  // namespace usher::actors
