// Every limit of the front door, with the contract's values (section 2).
#pragma once

#include <chrono>
#include <cstddef>

namespace usher::net {

struct limits {
  std::chrono::milliseconds header_timeout{10'000};   ///< from the first byte of a request to the end of its header
  std::chrono::milliseconds body_timeout{30'000};     ///< for a whole body
  std::chrono::milliseconds idle_timeout{60'000};     ///< between requests
  std::chrono::milliseconds write_timeout{60'000};    ///< for a client to take a response
  std::chrono::milliseconds linger_timeout{2'000};    ///< for a client to read the last answer before the socket closes
  std::chrono::milliseconds sweep_interval{250};      ///< how often an io thread looks for sessions past their deadline
  std::chrono::milliseconds request_timeout{10'000};  ///< what a request may take inside the desk
  std::chrono::milliseconds event_beat{15'000};       ///< a stream of events is never quiet for longer
  std::size_t connections_max = 10'000;
  std::size_t connections_of_address_max = 0;  ///< of one address; 0 is no limit
  std::size_t header_bytes_max = 8 * 1024;
  std::size_t target_bytes_max = 2 * 1024;
  int header_fields_max = 64;
  std::size_t body_bytes_max = 256 * 1024;
  std::size_t parameters_max = 32;         ///< of a query
  std::size_t linger_bytes_max = 1 << 20;  ///< read and dropped after a refusal, so that the client gets to see it
  std::size_t tokens_cached_max = 4096;    ///< verified tokens kept by each io thread
};

}  // namespace usher::net
