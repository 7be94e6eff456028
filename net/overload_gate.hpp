// Whether the desk can take on more, judged by how long its work waits: an adaptive limit of what is in flight. Pure
// but for its lock: the time is handed in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include "net/route_traits.hpp"

namespace usher::net {

struct overload_rules {
  /// Work that takes longer than this, on average over an interval, is too much; 0 lets all in.
  std::chrono::milliseconds target{150};
  std::chrono::milliseconds interval{200};
  /// So much is let in however long it takes: a desk that is slow, but not busy, refuses nobody.
  double in_flight_min = 64;
  double in_flight_max = 4096;
};

/// What is in flight is held to what the desk gets done in the time that it may take (Little's law, which goes by the
/// average), and what matters less has a smaller share of it. The shortest wait, by which CoDel goes, says nothing
/// here: there are many queues, and one of them is always short. Changes and questions have a limit each; questions
/// stand back for changes. Thread-safe.
class overload_gate {
 public:
  using time = std::chrono::steady_clock::time_point;

  explicit overload_gate(overload_rules rules = {})
      : rules_(rules), lines_{{rules.in_flight_max}, {rules.in_flight_max}} {}

  /// Whether something of this kind would be let in now.
  [[nodiscard]] bool has_room(importance what, bool change, time now);
  /// Takes it in, if there is room. Each `true` is followed by one `leave`.
  [[nodiscard]] bool enter(importance what, bool change, time now);
  /// It is done. `waited`: it went through the store and was not refused there, so that its time tells something.
  void leave(bool change, time entered, time now, bool waited);

  [[nodiscard]] double limit(bool change) const;
  [[nodiscard]] int in_flight(bool change) const;
  [[nodiscard]] bool is_on() const noexcept { return rules_.target.count() > 0; }

 private:
  struct line {
    double limit;
    int in_flight = 0;
    int most = 0;                        ///< in flight at once, in this interval
    time begun{};                        ///< of this interval
    int returned = 0;                    ///< in this interval, of what waited
    std::chrono::nanoseconds waited{0};  ///< by these, altogether
  };

  [[nodiscard]] bool fits(importance what, bool change) const noexcept;
  void look(line& l, time now) const noexcept;

  const overload_rules rules_;
  mutable std::mutex mutex_;
  line lines_[2];  ///< of questions, of changes
};

/// The right to be worked on; given back at its end. Move-only.
class desk_place {
 public:
  desk_place() = default;
  desk_place(overload_gate& gate, bool change, overload_gate::time entered) noexcept
      : gate_(&gate), change_(change), entered_(entered) {}
  desk_place(desk_place&& other) noexcept
      : gate_(std::exchange(other.gate_, nullptr)), change_(other.change_), entered_(other.entered_) {}
  desk_place& operator=(desk_place&& other) noexcept {
    leave(std::chrono::steady_clock::now(), false);
    gate_ = std::exchange(other.gate_, nullptr);
    change_ = other.change_;
    entered_ = other.entered_;
    return *this;
  }
  ~desk_place() { leave(std::chrono::steady_clock::now(), false); }

  void leave(overload_gate::time now, bool waited) {
    if (gate_ != nullptr) std::exchange(gate_, nullptr)->leave(change_, entered_, now, waited);
  }

 private:
  overload_gate* gate_ = nullptr;
  bool change_ = false;
  overload_gate::time entered_{};
};

}  // namespace usher::net
