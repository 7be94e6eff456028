#include "net/route_traits.hpp"

#include <map>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "net/client_address.hpp"
#include "net/router.hpp"

using namespace usher::net;

namespace {

std::map<std::string, route_traits> all_traits() {
  std::map<std::string, route_traits> out;
  for (const auto& r : all_routes()) out[std::string(to_word(r.how)) + " " + std::string(r.path)] = traits_of(r);
  return out;
}

}  // namespace

TEST_CASE("each route's importance follows from its line in the table") {
  auto all = all_traits();
  for (const auto& [name, what] :
       std::map<std::string, importance>{{"GET /livez", importance::vital},
                                         {"GET /metrics", importance::vital},
                                         {"GET /csat/{token}", importance::read},
                                         {"POST /csat/{token}", importance::write},
                                         {"POST /api/support/tickets", importance::write},
                                         {"GET /api/support/tickets", importance::list},
                                         {"GET /api/support/tickets/{id}", importance::read},
                                         {"GET /api/support/tickets/{id}/sla", importance::read},
                                         {"GET /api/support/tickets/{id}/messages", importance::list},
                                         {"POST /api/support/tickets/{id}/messages", importance::write},
                                         {"POST /api/support/tickets/bulk", importance::list},
                                         {"GET /api/support/analytics", importance::list},
                                         {"GET /api/support/kb/search", importance::list},
                                         {"GET /console/{file}", importance::vital},
                                         {"GET /api/support/audit", importance::list},
                                         {"GET /api/support/agents/{id}", importance::read}}) {
    CAPTURE(name);
    REQUIRE(all.contains(name));
    CHECK(all[name].matters == what);
  }
  for (const auto& [name, traits] : all) {
    CAPTURE(name);
    // Nothing behind a token is vital: whoever has one could take the desk down with it.
    if (name.find(" /api/") != std::string::npos) CHECK(traits.matters != importance::vital);
    CHECK(traits.changes == !name.starts_with("GET "));
  }
}

TEST_CASE("what holds for the whole desk is changed by those only who see all of it") {
  auto all = all_traits();
  for (const auto* name :
       {"PUT /api/support/sla/policies/{tier}/{priority}", "POST /api/support/sla/calendars",
        "DELETE /api/support/sla/calendars/{id}", "PUT /api/support/escalation/rules/{level}",
        "POST /api/support/escalation", "POST /api/support/ai/patterns", "PUT /api/support/categories/{code}",
        "DELETE /api/support/macros/{id}", "POST /api/support/kb/articles"}) {
    CAPTURE(name);
    REQUIRE(all.contains(name));
    CHECK(all[name].whole_desk);
  }
  for (const auto* name : {"POST /api/support/sla/policies/apply", "POST /api/support/tickets/{id}/macro",
                           "POST /api/support/ai/categorize", "GET /api/support/sla/calendars",
                           "PUT /api/support/organizations/{id}", "POST /api/support/webhooks"}) {
    CAPTURE(name);
    REQUIRE(all.contains(name));
    CHECK_FALSE(all[name].whole_desk);
  }
}

TEST_CASE("an address is one client, and so is a network of IPv6") {
  CHECK(address_key("10.0.0.1") == address_key("::ffff:10.0.0.1"));
  CHECK(address_key("10.0.0.1") != address_key("10.0.0.2"));
  CHECK(address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9"));
  CHECK(address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1"));
  CHECK(address_key("no address") != address_key("another"));
}
