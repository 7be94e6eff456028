// The targets that a ticket's clocks get, by tier and priority (contract, section 4).
#pragma once

#include <array>
#include <optional>

#include "domain/category.hpp"
#include "domain/organization.hpp"
#include "domain/sla_clock.hpp"

namespace usher::domain {

/// Targets in counted time; nothing means that there is no such clock.
struct sla_targets {
  std::optional<milliseconds> first_response;
  std::optional<milliseconds> next_response;
  std::optional<milliseconds> resolution;

  [[nodiscard]] std::optional<milliseconds> of(clock_kind kind) const noexcept;
  bool operator==(const sla_targets&) const = default;
};

/// The whole table. A value: whoever decides is handed the table that holds at that moment.
class sla_policies {
 public:
  /// The contract's default targets.
  [[nodiscard]] static sla_policies defaults();

  [[nodiscard]] const sla_targets& at(tier t, priority p) const noexcept {
    return table_[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)];
  }
  void set(tier t, priority p, const sla_targets& targets) noexcept {
    table_[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)] = targets;
  }

 private:
  std::array<std::array<sla_targets, priority_count>, tier_count> table_{};
};

}  // namespace usher::domain
