// Where requests may go that somebody else has named: the guard against requests forged on the server's side.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "outbox/network.hpp"

namespace usher::outbox {

inline constexpr std::size_t url_bytes_max = 2048;

/// The rules. As it stands: public addresses, https, a few ports.
struct egress_policy {
  /// Special-purpose networks that may be reached all the same, on any port and without encryption.
  std::vector<network> exceptions;
  bool plain_http = false;
  std::vector<std::uint16_t> ports{80, 443, 8443};

  /// For what the operator's own settings name: anything goes.
  [[nodiscard]] static egress_policy unrestricted();
  [[nodiscard]] bool is_exception(const address& a) const noexcept;
  /// Why a connection to this address and port is refused.
  [[nodiscard]] std::optional<std::string> refusal(const address& a, std::uint16_t port, bool https) const;
};

/// The parts of a URL that decide where it leads.
struct target {
  std::string url;  ///< as the transfer library writes it, with numeric hosts in their usual spelling
  std::string host;
  std::uint16_t port = 0;
  bool https = false;
  std::optional<address> literal;  ///< when the host is an address
};

/// Reads an absolute `http` or `https` URL of up to 2048 bytes of printable ASCII, without user information, whose host
/// is a name or an address in any spelling. Errors: `invalid`, with the reason.
[[nodiscard]] domain::result<target> parse_target(std::string_view url);

/// What can be said of a URL before its name is looked up; for the front door, when an endpoint is set up.
[[nodiscard]] domain::result<void> check_url(std::string_view url, const egress_policy& policy);

using steady_time = std::chrono::steady_clock::time_point;

/// Looks a name up. Errors: `not_found`, `timed_out`, `shutting_down` when stopped, `overloaded`.
using resolver = std::function<domain::result<std::vector<address>>(const std::string& host, steady_time deadline,
                                                                    const std::stop_token& stop)>;

/// Something that takes its time and can't be stopped; an empty answer means that the name is not known.
using blocking_lookup = std::function<std::vector<address>(const std::string& host)>;

/// Puts a time limit on a blocking lookup: it runs in a thread of its own, and goes on there when it is given up. At
/// most `lookups_max` do so at once; what comes on top is `overloaded`. Threads that have ended are joined with the
/// last copy of the resolver; one that hangs outlives it, so `look_up` owns what it touches.
[[nodiscard]] resolver bounded_resolver(blocking_lookup look_up, int lookups_max = 16);

/// Asks the system, each time anew.
[[nodiscard]] resolver system_resolver();

}  // namespace usher::outbox
