// Keep-alive connections to one server, shared by the journeys of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "loadtest/units.hpp"
#include "loadtest/wire.hpp"

namespace usher::load {

using lane_executor = boost::asio::io_context::executor_type;
template <class T>
using task = boost::asio::awaitable<T, lane_executor>;

struct pool_settings {
  boost::asio::ip::tcp::endpoint where;
  std::string host;               ///< for the `Host` header
  std::size_t connections = 512;  ///< at once; who finds none free waits, and the wait counts
  nanoseconds timeout = std::chrono::seconds{10};
};

/// Used by the coroutines of one io_context only.
class connection_pool {
 public:
  connection_pool(boost::asio::io_context& io, pool_settings settings);
  ~connection_pool();
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;

  /// One request and its whole answer, within the time limit from now on, the wait for a connection included. A kept
  /// connection that turns out to be closed, before a byte of an answer came, is replaced once: servers close idle
  /// ones.
  [[nodiscard]] task<wire_answer> exchange(wire_request what);

  /// Reads a stream of Server-Sent Events for as long as `hold`, on a connection of its own that is closed then. Done
  /// is when its header came; the body is left out. `events` counts what was received.
  [[nodiscard]] task<wire_answer> listen(wire_request what, nanoseconds hold, std::uint64_t& events);

  [[nodiscard]] std::size_t open() const noexcept { return open_; }

 private:
  struct connection;
  struct waiter;
  using connection_ptr = std::shared_ptr<connection>;

  [[nodiscard]] task<connection_ptr> acquire(steady::time_point deadline);
  void release(connection_ptr c, bool reusable);
  [[nodiscard]] task<bool> connect(connection& c);
  [[nodiscard]] task<wire_answer> ask(connection& c, const std::string& bytes, bool head);
  [[nodiscard]] std::string serialize(const wire_request& what, bool stream) const;

  boost::asio::io_context& io_;
  pool_settings settings_;
  std::vector<connection_ptr> idle_;
  std::deque<std::shared_ptr<waiter>> waiting_;
  std::size_t open_ = 0;
};

}  // namespace usher::load
