// The wedding day: urgency from the ceremony's instant, and the response deadline that comes with it (contract, section
// 4.7). All of it is wall-clock time between instants: where the venue is, and what its clocks do that night, went into
// the ceremony's instant.
#pragma once

#include <optional>

#include "domain/ticket.hpp"
#include "domain/time.hpp"

namespace usher::domain {

inline constexpr milliseconds urgent_before = std::chrono::hours{48};
inline constexpr milliseconds emergency_before = std::chrono::hours{8};
inline constexpr milliseconds emergency_after = std::chrono::hours{12};
inline constexpr milliseconds emergency_response_max = std::chrono::minutes{15};

/// `emergency` from 8 h before the ceremony to 12 h after it, both inclusive; `urgent` from 48 h before; `none` before
/// and after that.
[[nodiscard]] urgency urgency_at(instant ceremony, instant now) noexcept;

/// The first instant after `now` at which `urgency_at` gives another answer: when the ticket's timer has to go off.
/// Nothing once the day is over.
[[nodiscard]] std::optional<instant> next_change(instant ceremony, instant now) noexcept;

[[nodiscard]] instant emergency_begins(instant ceremony) noexcept;

/// The latest deadline of a response clock that runs during an emergency, whatever its tier and calendar say: 15 min
/// after the later of its start and the beginning of the emergency.
[[nodiscard]] instant response_cap(instant clock_started, instant emergency_began) noexcept;

}  // namespace usher::domain
