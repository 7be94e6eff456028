// The write path: threads that own a connection each and commit what has gathered while the last commit ran.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "store/connection.hpp"
#include "store/outbox_port.hpp"
#include "store/ports.hpp"

namespace usher::store {

class writer_lane;

/// What somebody may want to know about each commit; called from the lanes' threads.
struct commit_observer {
  /// Seconds from the first statement to the answer to COMMIT, and the number of writes.
  std::function<void(double seconds, std::size_t batch_size)> on_commit;
  /// Notifications of these queues were committed.
  std::function<void(const std::vector<outbox_queue>& queues)> on_notifications;
};

struct lane_settings {
  connect_target target;  ///< as `usher_writer`
  int lanes = 2;
  std::size_t queue_max = 8192;  ///< writes that wait for one lane; beyond it they are `overloaded`
  std::size_t batch_writes_max = 512;
  std::size_t batch_bytes_max = 8U << 20U;
  std::chrono::milliseconds answer_max{10'000};  ///< the longest wait for one answer of the server
  std::chrono::milliseconds backoff_max{1'000};  ///< between two tries to connect, with full jitter
  std::chrono::milliseconds claim_max{15'000};   ///< how long a start waits for another server to leave the database
  commit_observer observer;
};

/// A lane commits the writes of an organization in their order: which lane it is follows from the organization's id.
/// After a lost connection it finds out, by the number that the lane's last transaction left in `writer_lanes`, whether
/// COMMIT arrived, before anything is answered or sent again.
class writer_lanes final : public writer {
 public:
  /// Connects every lane. Throws `unavailable_error` when the database can't be reached, is not durable (`fsync`,
  /// `full_page_writes` or `synchronous_commit` is off), has another schema, or another server writes to it.
  explicit writer_lanes(lane_settings settings);
  ~writer_lanes() override;

  void submit(write what) override;
  [[nodiscard]] bool reachable() const noexcept override;

  /// Takes nothing new (`shutting_down`), commits what is queued, and stops. What is not committed by `deadline` is
  /// answered `unavailable`.
  void drain(steady_time deadline);
  /// The writes that wait, in all lanes.
  [[nodiscard]] std::size_t queue_depth() const noexcept;

 private:
  lane_settings settings_;
  std::vector<std::unique_ptr<writer_lane>> lanes_;
};

}  // namespace usher::store
