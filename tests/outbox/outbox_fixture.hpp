// A clock that stands, short limits, and notifications to send.
#pragma once

#include <chrono>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "outbox/channels.hpp"
#include "outbox/signature.hpp"
#include "tests/outbox/local_server.hpp"

namespace usher::test {

using namespace usher::outbox;
using namespace std::chrono_literals;

class fixed_clock final : public domain::clock_port {
 public:
  [[nodiscard]] domain::instant now() const override { return at; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override { return {}; }
  domain::instant at = domain::parse_rfc3339("2026-06-13T19:00:00.500Z").value();
};

/// Enough for a local server, also on a busy machine.
inline constexpr http_limits patient{5s, 20s, 64 * 1024};
/// For servers that never finish.
inline constexpr http_limits hasty{300ms, 300ms, 64 * 1024};

/// The default rules, except that the loopback addresses of the tests may be reached.
inline egress_policy loopback_allowed() {
  egress_policy policy;
  policy.exceptions = {*parse_network("127.0.0.1/32"), *parse_network("::1/128")};
  return policy;
}

inline notification hook_to(std::string url) {
  notification what;
  what.id = domain::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value();
  what.event = "ticket.created";
  what.recipient = std::move(url);
  what.payload = R"({"type":"ticket.created","data":{"id":"1","venue":"Schloß \"Linden\" 💍"}})";
  what.secrets = {std::string(32, 'k')};
  return what;
}

inline delivery_result deliver_to(const std::string& url, http_limits limits = patient) {
  fixed_clock clock;
  return make_webhook_channel({loopback_allowed(), limits}, clock)->deliver(hook_to(url));
}

}  // namespace usher::test
