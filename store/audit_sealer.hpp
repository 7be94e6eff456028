// Links the entries of the audit trail into chains of hashes, a moment after they were committed.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "store/connection.hpp"

namespace usher::store {

/// The chain's writing end. Blocking; not thread-safe. A connection that is lost is made anew by the next call.
class audit_chain {
 public:
  /// As `usher_sealer`.
  explicit audit_chain(connect_target sealer) : target_(std::move(sealer)) {}

  /// In a cluster that is new to this database, links every entry that is in no link. Nobody may be writing entries.
  [[nodiscard]] sql_result<void> adopt(steady_time deadline);
  /// Links the entries of the transactions that no older one can commit after; true when there is more to do at once.
  /// Does nothing while another program seals.
  [[nodiscard]] sql_result<bool> seal(steady_time deadline);

 private:
  /// `work` in one transaction, when the lock can be had.
  template <class Work>
  [[nodiscard]] sql_result<bool> alone(steady_time deadline, Work work);
  [[nodiscard]] sql_result<bool> seal_round(connection& on, steady_time deadline);

  connect_target target_;
  std::optional<connection> connection_;
};

/// A thread that seals four times a second, and a last time when it is stopped.
class audit_sealer {
 public:
  explicit audit_sealer(audit_chain chain);
  ~audit_sealer() { stop(); }
  audit_sealer(const audit_sealer&) = delete;
  audit_sealer& operator=(const audit_sealer&) = delete;

  void stop();

 private:
  void run();
  /// True when there is more to do at once.
  bool round(std::chrono::milliseconds limit);

  audit_chain chain_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool failing_ = false;
  std::thread thread_;
};

}  // namespace usher::store
