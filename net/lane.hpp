// One io thread: its io_context, its services, and the sessions that it serves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/asio.hpp"
#include "net/gzip_writer.hpp"
#include "net/router.hpp"

namespace usher::net {

class session;

/// Counts shared by all lanes.
struct door_state {
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> draining{false};

  static constexpr std::uint64_t uncounted = 0;  ///< the address of whoever may have any number
  /// Counts one more of an address, unless it has `most` already; of a `most` of 0 nothing is counted.
  [[nodiscard]] bool take(std::uint64_t address, std::size_t most);
  void give_back(std::uint64_t address) noexcept;

 private:
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t> of_address_;  ///< those that have a connection
};

/// Sessions hold their lane, so that an answer that comes late still finds it.
class lane : public std::enable_shared_from_this<lane> {
 public:
  lane(const front_door& door, const router& routes, door_state& state);

  /// Any thread: takes over a connection.
  void adopt(stream_socket socket, std::uint64_t address);
  /// Any thread: closes what is idle; the rest closes when it has answered.
  void drain();
  /// Runs until `stop`.
  void run();
  void stop();

  /// Of the lane's own thread.
  /// @{
  void enter(session& s);
  void leave(session& s) noexcept;
  [[nodiscard]] const std::string& date() const noexcept { return date_; }
  [[nodiscard]] services& with() noexcept { return with_; }
  [[nodiscard]] gzip_writer& gzip() noexcept { return gzip_; }
  [[nodiscard]] const router& routes() const noexcept { return routes_; }
  [[nodiscard]] bool draining() const noexcept { return state_.draining.load(std::memory_order_relaxed); }
  /// @}

  [[nodiscard]] asio::io_context& context() noexcept { return context_; }
  /// Nothing is run any more: what is posted would only keep itself alive.
  [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }

 private:
  void sweep();
  void schedule_sweep();
  void refresh_date();

  asio::io_context context_{1};
  const router& routes_;
  door_state& state_;
  services with_;
  gzip_writer gzip_;
  steady_timer timer_{context_};
  std::vector<session*> sessions_;
  std::string date_;
  std::atomic<bool> stopped_{false};
};

}  // namespace usher::net
