#include "outbox/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace usher::outbox {

using domain::milliseconds;

backoff::backoff(backoff_settings settings, random_source random) : settings_(settings), random_(std::move(random)) {}

milliseconds backoff::bound(int tries) const {
  const auto longest = static_cast<double>(settings_.longest.count());
  const double grown =
      static_cast<double>(settings_.first.count()) * std::pow(settings_.factor, std::max(tries, 1) - 1);
  return milliseconds{static_cast<std::int64_t>(std::min(grown, longest))};
}

std::optional<milliseconds> backoff::next(int tries, milliseconds age, std::optional<milliseconds> retry_after) const {
  const double part = std::clamp(random_(), 0.0, 1.0);
  milliseconds wait{static_cast<std::int64_t>(part * static_cast<double>(bound(tries).count()))};
  // Jitter comes on top of what the receiver asked for, or all would return at the same second.
  if (retry_after) wait = *retry_after + std::min(wait, *retry_after / 5);
  wait = std::max(wait, settings_.shortest);
  if (age + wait > settings_.give_up_after) return std::nullopt;
  return wait;
}

}  // namespace usher::outbox
