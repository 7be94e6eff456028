// Who wants to know about requests: the app binds it to the metrics.
#pragma once

#include <cstddef>

#include "net/http.hpp"

namespace usher::net {

/// Called on the io threads, for each request once, when its response is handed to the socket. Must not block.
class observer {
 public:
  virtual ~observer() = default;
  /// `route` is an index into `route_labels()`; the last label stands for what matched none.
  virtual void request_done(std::size_t route, method how, int status, double seconds) noexcept = 0;
};

}  // namespace usher::net
