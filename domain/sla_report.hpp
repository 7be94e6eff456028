// A clock that explains itself (sla-rules, rule 16).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/sla_clock.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

/// A stretch of a clock's life, `[from, to)`, that counted or did not.
struct clock_interval {
  instant from{};
  instant to{};
  bool counted = true;
  std::string reason;  ///< `running`, or why it did not count

  bool operator==(const clock_interval&) const = default;
};

struct clock_report {
  sla_clock clock;
  std::vector<clock_interval> intervals;  ///< without gaps, up to the stop or up to now
  std::string cancel_reason;              ///< empty when it was not cancelled
  std::string explanation;                ///< in plain words, in English
};

/// Every cycle of every clock of a ticket, from its events in the order in which they were written.
[[nodiscard]] std::vector<clock_report> explain_clocks(const std::vector<clock_changed>& events, instant now);

}  // namespace usher::domain
