// Who asks: roles, and what a role sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"

namespace usher::domain {

/// Ranked: each role may what the ones before it may (contract, section 3). `system` is Usher itself.
enum class role : std::uint8_t { requester, agent, supervisor, manager, executive, admin, system };

[[nodiscard]] std::string_view to_word(role r) noexcept;
/// The roles that a token may carry; `system` is not one of them.
[[nodiscard]] std::optional<role> parse_role(std::string_view word) noexcept;

/// The longest user id (`sub`) that is taken, in bytes.
inline constexpr std::size_t user_id_bytes_max = 128;

/// An authenticated caller.
struct caller {
  std::string sub;
  domain::role role = domain::role::requester;
  /// The organization that the caller belongs to (requester), or is narrowed to (staff).
  std::optional<organization_id> organization;

  [[nodiscard]] bool is_staff() const noexcept { return role != domain::role::requester; }
  [[nodiscard]] bool at_least(domain::role r) const noexcept { return role >= r; }
  /// Whether things of `owner` exist for this caller. A requester without an organization sees nothing.
  [[nodiscard]] bool sees(const organization_id& owner) const noexcept {
    return organization ? *organization == owner : is_staff();
  }
  /// Usher itself, for what timers do.
  [[nodiscard]] static caller system() { return {"system", domain::role::system, std::nullopt}; }
};

}  // namespace usher::domain
