// One exchange with the server, as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher::load {

using steady = std::chrono::steady_clock;

struct wire_request {
  std::string_view method;
  std::string target;
  std::string_view token;  ///< not sent when empty; outlives the exchange
  std::string key;         ///< `Idempotency-Key`; not sent when empty
  std::string body;        ///< JSON; not sent when empty
};

enum class wire_failure : std::uint8_t { none, timed_out, cut };

struct wire_answer {
  int status = 0;  ///< 0 when there is none
  wire_failure failure = wire_failure::none;
  std::string body;
  steady::time_point sent;  ///< when its first byte was about to be sent, or its connection to be opened
  steady::time_point done;
};

}  // namespace usher::load
