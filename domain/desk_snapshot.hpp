// What the desk looks like at a moment, in sums without a customer's words (contract, section 3: `/snapshots`).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ticket.hpp"

namespace usher::domain {

/// A clock that has stopped, and what it had counted.
struct stopped_clock {
  clock_kind kind = clock_kind::first_response;
  milliseconds elapsed{0};
};

/// How many of some times there are, and where they lie.
struct time_figures {
  std::int64_t count = 0;
  std::optional<milliseconds> median;
  std::optional<milliseconds> p90;
  std::optional<milliseconds> longest;
};

/// By nearest rank: each figure is one of the times.
[[nodiscard]] time_figures figures_of(std::vector<milliseconds> times);

/// Adds up tickets, then says what they come to.
class snapshot_builder {
 public:
  explicit snapshot_builder(instant now) : now_(now) {}

  /// Tickets that are neither open nor pending nor on hold do not count.
  void add(const ticket& t);

  /// The members of the snapshot besides `id` and `at`, as the text of a JSON object. `stopped` are the clocks that
  /// stopped since the snapshot before.
  [[nodiscard]] std::string to_json(const std::vector<stopped_clock>& stopped) const;

 private:
  static constexpr std::size_t tiers = 4;
  static constexpr std::size_t priorities = 4;

  struct counts {
    std::int64_t open = 0;
    std::int64_t at_risk = 0;
    std::int64_t breached = 0;

    counts& operator+=(const counts& more) {
      open += more.open;
      at_risk += more.at_risk;
      breached += more.breached;
      return *this;
    }
  };
  static void write(class json_writer& w, const counts& c);
  void write_groups(class json_writer& w) const;

  instant now_;
  std::array<std::array<counts, priorities>, tiers> by_{};
  std::int64_t unassigned_ = 0;
  std::int64_t emergencies_ = 0;
  std::int64_t unacknowledged_ = 0;
  std::vector<milliseconds> waiting_;  ///< how long each ticket that waits for an answer has waited
};

/// A snapshot with its name and its time, as the API shows it.
[[nodiscard]] std::string name_snapshot(const uuid& id, instant at, std::string_view figures);

}  // namespace usher::domain
