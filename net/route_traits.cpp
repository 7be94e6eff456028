#include "net/route_traits.hpp"

#include <algorithm>

#include "net/router.hpp"

namespace usher::net {

namespace {

constexpr std::string_view tickets = "/api/support/tickets";

/// What people set for the desk as a whole; the rest of it belongs to organizations, or to a person.
constexpr std::array<std::string_view, 8> desk_settings{
    "/api/support/sla/policies/{tier}", "/api/support/sla/calendars",    "/api/support/escalation",
    "/api/support/ai/patterns",         "/api/support/categories",       "/api/support/macros",
    "/api/support/kb/articles",         "/api/support/privacy/retention"};

/// Questions and changes that are about many things at once.
constexpr std::array<std::string_view, 8> of_many{"/api/support/tickets/bulk", "/api/support/sla/policies/apply",
                                                  "/api/support/escalation",   "/api/support/analytics",
                                                  "/api/support/events",       "/api/support/ai/categorize",
                                                  "/api/support/snapshots",    "/api/support/kb/search"};

bool ends_in_parameter(std::string_view path) noexcept { return path.ends_with('}'); }

}  // namespace

route_traits traits_of(const route& r) noexcept {
  route_traits out;
  const bool asks = r.how == method::get;
  out.changes = !asks;
  out.names_ticket = r.path.starts_with("/api/support/tickets/{id}");
  out.creates_ticket = r.how == method::post && r.path == tickets;
  out.whole_desk =
      !asks && std::ranges::any_of(desk_settings, [&](std::string_view each) { return r.path.starts_with(each); });
  // A page of the desk's own is a constant; what is behind a signed link is not.
  if (!r.least && asks && !r.path.starts_with("/csat/"))
    out.matters = importance::vital;
  else if (std::ranges::find(of_many, r.path) != of_many.end())
    out.matters = importance::list;
  else if (!asks)
    out.matters = importance::write;
  else
    // `…/{id}/sla` tells of one thing, `…/{id}/messages` is a list, and so is what has no parameter at all.
    out.matters = ends_in_parameter(r.path) || r.path.ends_with("/sla") || r.path.ends_with("/csat") ||
                          r.path.ends_with("/session")
                      ? importance::read
                      : importance::list;
  return out;
}

}  // namespace usher::net
