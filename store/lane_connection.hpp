// A writer lane's connection: claims the lane, checks that the database is what it should be, runs batches.
#pragma once

#include <cstdint>
#include <optional>

#include "store/batch.hpp"
#include "store/connection.hpp"

namespace usher::store {

/// What became of a batch.
enum class batch_outcome : std::uint8_t {
  committed,
  missed,    ///< rolled back: some writes met another version, or a key that exists
  refused,   ///< rolled back: the database refuses a value of one of the writes
  failed,    ///< not committed, for a reason that is none of the writes' fault
  in_doubt,  ///< COMMIT was sent and its answer did not come
};

struct batch_result {
  batch_outcome outcome = batch_outcome::failed;
  std::vector<missed_write> missed;
  domain::error why;     ///< of `refused` and `failed`
  std::string sqlstate;  ///< of `refused`, for the log
  std::string constraint;
};

/// Owned by the lane's thread.
class lane_connection {
 public:
  lane_connection(connect_target target, int lane, std::chrono::milliseconds answer_max);

  /// Connects, checks, and claims the lane with an advisory lock of the session, which a second server can't have. The
  /// checks that no retry can mend throw `unavailable_error`.
  [[nodiscard]] sql_result<void> open();
  [[nodiscard]] bool is_open() const noexcept { return connection_ && connection_->is_open(); }
  [[nodiscard]] bool is_alive() { return connection_ && connection_->is_alive(); }
  void close() noexcept {
    if (connection_) connection_->close();
  }

  /// Runs the writes as one transaction.
  [[nodiscard]] batch_result run(std::span<const write> writes);

  /// Whether the batch whose outcome was in doubt is committed. Waits for its transaction, should it still run. Call it
  /// on a connection that was opened after the doubt.
  [[nodiscard]] sql_result<bool> resolve_doubt();

 private:
  [[nodiscard]] sql_result<void> check_durability();
  [[nodiscard]] sql_result<void> check_shape();
  [[nodiscard]] sql_result<void> claim();
  [[nodiscard]] sql_result<std::int64_t> read_marker();
  [[nodiscard]] batch_result roll_back(batch_result why);
  [[nodiscard]] steady_time deadline() const { return std::chrono::steady_clock::now() + answer_max_; }

  connect_target target_;
  int lane_;
  std::chrono::milliseconds answer_max_;
  std::optional<connection> connection_;
  row_types types_{};
  std::int64_t number_ = 0;  ///< of the last batch that was sent
  int former_backend_ = 0;
};

}  // namespace usher::store
