// The ladder: whom a level tells, and what has been told about a ticket (contract, section 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/sla_clock.hpp"
#include "domain/time.hpp"

namespace usher::domain {

using escalation_id = id<struct escalation_tag>;

/// Levels 1 to 4 climb with a clock; `emergency_level` is the emergency protocol.
inline constexpr int level_max = 4;
inline constexpr int emergency_level = 999;
inline constexpr std::array<int, 5> all_levels{1, 2, 3, 4, emergency_level};

[[nodiscard]] constexpr bool is_level(std::int64_t level) noexcept {
  return (level >= 1 && level <= level_max) || level == emergency_level;
}
/// The place of a level in `all_levels`.
[[nodiscard]] constexpr std::size_t level_index(int level) noexcept {
  return level == emergency_level ? all_levels.size() - 1 : static_cast<std::size_t>(level - 1);
}
/// Who gets what nobody took; nothing above level 4 and above the emergency protocol: those repeat.
[[nodiscard]] constexpr std::optional<int> level_above(int level) noexcept {
  return level < level_max ? std::optional(level + 1) : std::nullopt;
}

/// What a level does. Configured data, copied onto a clock when it starts.
struct escalation_rule {
  int level = 1;
  std::optional<int> percent;           ///< of the target, 1 to 1000; none for the emergency protocol
  std::vector<std::string> recipients;  ///< `assignee`, `supervisors`, …, or an agent's id
  milliseconds acknowledge_within{600'000};
  bool reassign = false;
  std::vector<std::string> channels;  ///< `log`, `webhook`, `email`, `sms`
  std::int64_t version = 1;

  bool operator==(const escalation_rule&) const = default;
};

/// By `level_index`.
using escalation_rules = std::array<escalation_rule, all_levels.size()>;

/// The contract's ladder: 75, 90, 100 and 125 %.
[[nodiscard]] const escalation_rules& default_escalation_rules();

enum class escalation_state : std::uint8_t { armed, fired, skipped, cancelled };
enum class escalation_cause : std::uint8_t { clock, handed_up, manual, emergency };

[[nodiscard]] std::string_view to_word(escalation_state s) noexcept;
[[nodiscard]] std::string_view to_word(escalation_cause c) noexcept;
[[nodiscard]] std::optional<escalation_state> parse_escalation_state(std::string_view word) noexcept;
[[nodiscard]] std::optional<escalation_cause> parse_escalation_cause(std::string_view word) noexcept;

/// The record of a level of a clock's cycle, as a row of `support_escalations`. The key (ticket, clock, cycle, level)
/// is there once, ever. `armed` ones are not stored: they follow from the clock.
struct escalation {
  escalation_id id;
  clock_kind clock = clock_kind::first_response;
  int cycle = 1;
  int level = 1;
  escalation_state state = escalation_state::fired;
  escalation_cause cause = escalation_cause::clock;
  instant scheduled_at{};
  maybe_instant fired_at;
  maybe_instant hand_up_at;  ///< when the level above gets it, or it repeats, if nobody acknowledges it until then
  maybe_instant acknowledged_at;
  std::string acknowledged_by;
  std::vector<std::string> recipients;  ///< ids of persons, or `emergency_channel`
  std::string reason;

  /// Fired, and nobody has taken it.
  [[nodiscard]] bool waits() const noexcept { return state == escalation_state::fired && hand_up_at.has_value(); }
  bool operator==(const escalation&) const = default;
};

/// As the API lists it, the text of a JSON object.
[[nodiscard]] std::string to_json(const ticket_id& ticket, const escalation& e);

/// The name of a level that has not been told yet.
[[nodiscard]] inline escalation_id armed_id(const ticket_id& ticket, clock_kind clock, int cycle, int level) {
  return {named_uuid(to_string(ticket) + "/" + std::string(to_word(clock)) + "/" + std::to_string(cycle) + "/" +
                     std::to_string(level))};
}

}  // namespace usher::domain
