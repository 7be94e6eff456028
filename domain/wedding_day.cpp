#include "domain/wedding_day.hpp"

#include <algorithm>

namespace usher::domain {

urgency urgency_at(instant ceremony, instant now) noexcept {
  if (now > ceremony + emergency_after) return urgency::none;
  if (now >= emergency_begins(ceremony)) return urgency::emergency;
  return now >= ceremony - urgent_before ? urgency::urgent : urgency::none;
}

std::optional<instant> next_change(instant ceremony, instant now) noexcept {
  const instant changes[] = {ceremony - urgent_before, emergency_begins(ceremony),
                             ceremony + emergency_after + milliseconds{1}};
  const auto* next = std::ranges::upper_bound(changes, now);
  return next == std::end(changes) ? std::nullopt : std::optional(*next);
}

instant emergency_begins(instant ceremony) noexcept { return ceremony - emergency_before; }

instant response_cap(instant clock_started, instant emergency_began) noexcept {
  return std::max(clock_started, emergency_began) + emergency_response_max;
}

}  // namespace usher::domain
