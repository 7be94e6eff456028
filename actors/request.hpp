// A submission on its way through the desk, and the promise that it is answered once.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>

#include "actors/gateway.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// An answer as it is kept under its key.
[[nodiscard]] store::idempotency_record to_record(const idempotency& key, stored_answer answer, domain::instant at);

/// The place where the answer goes. Whoever answers first wins: the ticket, or the sweep when the deadline has passed.
class answer_slot {
 public:
  answer_slot(domain::completion<outcome> done, std::atomic<std::int64_t>& in_flight)
      : done_(std::move(done)), in_flight_(in_flight) {}
  answer_slot(const answer_slot&) = delete;
  answer_slot& operator=(const answer_slot&) = delete;

  void answer(domain::result<outcome> what) {
    if (answered_.exchange(true)) return;
    in_flight_.fetch_sub(1);  // first: whoever has the answer may count on the room that it left
    done_(std::move(what));
  }
  [[nodiscard]] bool answered() const noexcept { return answered_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> answered_{false};
  domain::completion<outcome> done_;
  std::atomic<std::int64_t>& in_flight_;
};

/// What one ticket lent to the decision of another one, and the promise to give it back: with the change that was
/// committed, or without one. Dropped unsettled, it comes back as `unavailable`.
class ticket_loan {
 public:
  using give_back = std::function<void(domain::result<domain::change>)>;

  explicit ticket_loan(give_back back) : back_(std::move(back)) {}
  ~ticket_loan() { settle(domain::fail(domain::errc::unavailable)); }
  ticket_loan(const ticket_loan&) = delete;
  ticket_loan& operator=(const ticket_loan&) = delete;

  void settle(domain::result<domain::change> what) {
    if (!settled_.exchange(true)) back_(std::move(what));
  }

 private:
  std::atomic<bool> settled_{false};
  give_back back_;
};
using loan_ptr = std::shared_ptr<ticket_loan>;

/// Keys whose first request has not ended. Thread-safe.
class key_claims {
 public:
  /// Given back when the last copy goes.
  using claim = std::shared_ptr<void>;

  /// Null when somebody has the key.
  [[nodiscard]] claim take(const std::string& key);

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> taken_;
};

/// Gets the state of another ticket, which changes nothing until the loan is settled. Called on the lender's thread.
using borrow = std::function<void(domain::ticket_ptr state, loan_ptr loan)>;

/// A request that goes without an answer, with its ticket's actor or with a mailbox, is answered `unavailable`.
struct ticket_request {
  ticket_request() = default;
  ~ticket_request() {
    if (slot) slot->answer(domain::fail(domain::errc::unavailable));
  }
  ticket_request(const ticket_request&) = delete;
  ticket_request& operator=(const ticket_request&) = delete;

  domain::ticket_id id;
  submission what;
  std::shared_ptr<answer_slot> slot;
  borrow borrower;          ///< set: the ticket is asked for its state, not for a change
  key_claims::claim claim;  ///< held until the command has ended, which may be after its caller was told `timed_out`

  /// The command has ended. Its key is given back first: whoever has the answer may repeat the request at once.
  void answer(domain::result<outcome> result) {
    claim.reset();
    slot->answer(std::move(result));
  }
};

using request_ptr = std::shared_ptr<ticket_request>;

/// Answers `timed_out` for whatever is not answered by its deadline: no request waits for ever, whatever became of it.
class deadline_sweep {
 public:
  explicit deadline_sweep(const domain::clock_port& clock) : clock_(clock) {}
  ~deadline_sweep() { stop(); }
  deadline_sweep(const deadline_sweep&) = delete;
  deadline_sweep& operator=(const deadline_sweep&) = delete;

  void start();
  void stop();

  void watch(std::chrono::steady_clock::time_point deadline, std::shared_ptr<answer_slot> slot);
  /// Looks once. The thread does so every 50 ms.
  void sweep();

 private:
  struct watched {
    std::chrono::steady_clock::time_point deadline;
    std::shared_ptr<answer_slot> slot;
  };

  const domain::clock_port& clock_;
  std::mutex mutex_;
  std::deque<watched> watched_;  ///< in order of arrival, which is the order of deadlines but for a caller's own choice
  std::jthread thread_;
};

}  // namespace usher::actors
