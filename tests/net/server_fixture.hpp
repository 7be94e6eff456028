// The real server on a free port, with a desk in memory behind it.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "fake_desk.hpp"
#include "net/server.hpp"
#include "raw_client.hpp"

namespace usher::test {

class counting_observer final : public net::observer {
 public:
  void request_done(std::size_t route, net::method, int status, double) noexcept override {
    last_route = route;
    last_status = status;
    ++count;
  }
  std::atomic<std::size_t> last_route{0};
  std::atomic<int> last_status{0};
  std::atomic<int> count{0};
};

struct server_fixture {
  using limits = net::limits;

  explicit server_fixture(const limits& bounds = fast_limits(), unsigned threads = 2, bool require_if_match = false,
                          net::rate_limiter* rates = nullptr, net::overload_gate* gate = nullptr)
      : door{.desk = &desk,
             .clock = &clock,
             .tokens = &verifier,
             .watcher = &watcher,
             .metrics_text = [] { return std::string("usher_up 1\n"); },
             .version = "1.2.3",
             .commit = "",
             .rates = rates,
             .gate = gate,
             .require_if_match = require_if_match,
             .bounds = bounds,
             .proxies = {},
             .cors_origins = {}},
        server(door, threads),
        port(server.start("127.0.0.1", 0)) {}

  /// The contract's limits, with a quick sweep and a short linger.
  static limits fast_limits() {
    limits out;
    out.sweep_interval = std::chrono::milliseconds(10);
    out.linger_timeout = std::chrono::milliseconds(300);
    return out;
  }

  [[nodiscard]] raw_client client() const { return raw_client(port); }

  [[nodiscard]] std::string token(domain::role role, const std::string& sub = "u1") const {
    domain::caller who{sub, role, std::nullopt};
    if (role == domain::role::requester) who.organization = home;
    return net::sign_token(key, who, clock.now(), std::chrono::hours(1));
  }

  /// A whole request with a Host, a token for `role`, and the length of the body.
  [[nodiscard]] std::string request(const std::string& line, const std::string& body = "",
                                    const std::string& headers = "",
                                    domain::role role = domain::role::requester) const {
    std::string out = line + " HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer " + token(role) + "\r\n" + headers;
    if (!body.empty())
      out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return out + "\r\n" + body;
  }

  /// The id of a new ticket.
  [[nodiscard]] std::string make_ticket() const {
    auto c = client();
    const auto made = c.ask(request("POST /api/support/tickets", R"({"subject":"Cake","body":"No cake."})"));
    return made ? made->header("location").substr(std::string("/api/support/tickets/").size()) : "";
  }

  domain::system_clock_port clock;
  fake_desk desk{clock};
  net::jwt_key key = net::jwt_key::from_secret("0123456789abcdef0123456789abcdef").value();
  net::token_verifier verifier{{key}};
  counting_observer watcher;
  domain::organization_id home = domain::organization_id::generate();
  net::front_door door;
  net::server server;
  std::uint16_t port;
};

/// Polls until `met` holds, or gives up after ten seconds.
template <class Condition>
[[nodiscard]] bool eventually(Condition met) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!met()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace usher::test
