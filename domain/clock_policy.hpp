// What a clock goes by: copied onto it when it starts, so that an edit reaches it only by a job of its own (sla-rules,
// rule 14).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/calendar.hpp"
#include "domain/category.hpp"
#include "domain/escalation.hpp"
#include "domain/organization.hpp"

namespace usher::domain {

/// Targets in counted time; nothing means that there is no such clock.
struct sla_targets {
  std::optional<milliseconds> first_response;
  std::optional<milliseconds> next_response;
  std::optional<milliseconds> resolution;

  [[nodiscard]] std::optional<milliseconds> of(clock_kind kind) const noexcept;
  bool operator==(const sla_targets&) const = default;
};

using calendar_ptr = std::shared_ptr<const calendar>;

/// Immutable, and shared by all clocks that go by it.
struct clock_policy {
  uuid id;  ///< made from all the rest: equal policies have equal ids
  domain::tier tier = domain::tier::free;
  domain::priority priority = domain::priority::low;
  /// On a wedding day the clocks run round the clock, whatever calendar the tier has (rule 17).
  bool wedding_day = false;
  sla_targets targets;
  calendar_ptr calendar;  ///< null is round the clock
  std::shared_ptr<const escalation_rules> rules;

  [[nodiscard]] const escalation_rule& rule(int level) const { return (*rules)[level_index(level)]; }
};

using clock_policy_ptr = std::shared_ptr<const clock_policy>;

/// Completes `what` with its id.
[[nodiscard]] clock_policy_ptr make_clock_policy(clock_policy what);

/// The text that is stored, and from which the id is made; and the way back. Errors: a text that was not made here.
[[nodiscard]] std::string to_json(const clock_policy& what);
[[nodiscard]] result<clock_policy_ptr> clock_policy_from_json(std::string_view text);

/// Equal, seen from a clock.
[[nodiscard]] inline bool same_policy(const clock_policy_ptr& a, const clock_policy_ptr& b) noexcept {
  return a == b || (a && b && a->id == b->id);
}

}  // namespace usher::domain
