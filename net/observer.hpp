// Who wants to know about requests: the app binds it to the metrics.
#pragma once

#include <cstddef>

#include <array>
#include <cstdint>
#include <string_view>

#include "net/http.hpp"

namespace usher::net {

/// Why a request or a connection was turned away, that would have been served at another time.
enum class refused_for : std::uint8_t { overload, caller, organization, address, connections, connections_of_address };
[[nodiscard]] constexpr std::string_view to_word(refused_for why) noexcept {
  constexpr std::array<std::string_view, 6> words{"overload", "caller",      "organization",
                                                  "address",  "connections", "connections_of_address"};
  return words[static_cast<std::size_t>(why)];
}

/// Called on the io threads, for each request once, when its response is handed to the socket. Must not block.
class observer {
 public:
  virtual ~observer() = default;
  /// `route` is an index into `route_labels()`; the last label stands for what matched none.
  virtual void request_done(std::size_t route, method how, int status, double seconds) noexcept = 0;
  /// `what` is a word of `importance`, or `connection`.
  virtual void refused(refused_for /*why*/, std::string_view /*what*/) noexcept {}
};

}  // namespace usher::net
