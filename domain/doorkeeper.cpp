#include "domain/doorkeeper.hpp"

#include <algorithm>

namespace usher::domain {

bool may_go_on(const staff_session& session, std::span<const organization_id> own) {
  return own.empty() || (session.organization && std::ranges::find(own, *session.organization) != own.end());
}

session_scope choose_scope(std::span<const organization_id> own, const std::optional<organization_id>& asked) {
  if (own.empty()) return {true, asked};
  if (asked) return std::ranges::find(own, *asked) != own.end() ? session_scope{true, asked} : session_scope{};
  return own.size() == 1 ? session_scope{true, own.front()} : session_scope{};
}

}  // namespace usher::domain
