// One writer lane: a queue, a thread, a connection.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "store/lane_connection.hpp"
#include "store/writer_lanes.hpp"

namespace usher::store {

class writer_lane {
 public:
  /// Connects; throws as `writer_lanes` does.
  writer_lane(const lane_settings& settings, int lane);
  ~writer_lane();
  writer_lane(const writer_lane&) = delete;
  writer_lane& operator=(const writer_lane&) = delete;

  /// Starts the thread, once every lane of the desk is connected.
  void start();
  void submit(write what);
  [[nodiscard]] bool reachable() const noexcept { return reachable_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t queue_depth() const noexcept { return depth_.load(std::memory_order_relaxed); }

  /// Ends the queue; `join` waits for its last write, or for the deadline.
  void close(steady_time deadline);
  void join();

 private:
  using group = std::vector<write>;

  void run();
  /// What has gathered, up to a batch's limits and to the first write that must not share a batch with one before it.
  /// Empty when the lane is closed and its queue is empty, or when nothing came for a while.
  [[nodiscard]] group take();
  [[nodiscard]] bool is_finished() const;
  /// Commits the group: all of it, or, where the database refuses, all that it doesn't refuse.
  void settle(group all);
  /// Acts on what the group's transaction came to; what is left to do goes to the front of `left`.
  void handle(group all, const batch_result& result, std::deque<group>& left);
  void tell_queues(const group& all) const;
  void handle_missed(group all, const batch_result& result, std::deque<group>& left);
  void handle_refused(group all, const batch_result& result, std::deque<group>& left);
  /// Whether the batch in doubt is committed; nothing when the lane had to stop before it was known.
  [[nodiscard]] std::optional<bool> find_out(std::deque<group>& left);
  /// Tries to connect until it works; false when the lane has to stop first. Answers those who can't wait any longer.
  [[nodiscard]] bool reconnect(std::deque<group>& left);
  [[nodiscard]] bool try_to_connect();
  void pause();
  void expire(std::deque<group>& left);
  [[nodiscard]] bool out_of_time() const;

  static void answer(group all, const domain::result<std::monostate>& with);

  const lane_settings& settings_;
  int lane_;
  lane_connection connection_;
  std::minstd_rand random_;
  unsigned failures_ = 0;  ///< since the last commit
  std::atomic<bool> reachable_{false};
  std::atomic<std::size_t> depth_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<write> queue_;
  bool closed_ = false;
  steady_time stop_at_ = steady_time::max();

  std::jthread thread_;
};

}  // namespace usher::store
