// Organizations: the customers, and the tier that they subscribe to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

enum class tier : std::uint8_t { enterprise, professional, starter, free };
inline constexpr int tier_count = 4;

/// `ENTERPRISE`, `PROFESSIONAL`, `STARTER`, `FREE`.
[[nodiscard]] std::string_view to_word(tier t) noexcept;
[[nodiscard]] std::optional<tier> parse_tier(std::string_view word) noexcept;

struct organization {
  organization_id id;
  std::string name;  ///< up to 200 characters; empty for one that is known from a token only
  domain::tier tier = domain::tier::free;
  std::string time_zone = "UTC";  ///< an IANA zone
  std::int64_t version = 1;
  instant created_at{};
  instant updated_at{};
};

}  // namespace usher::domain
