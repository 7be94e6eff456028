// Delivers what the outbox holds: claims what is due, hands it to worker threads, writes down what came of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "outbox/backoff.hpp"
#include "outbox/channel.hpp"
#include "outbox/queue_book.hpp"
#include "store/outbox_port.hpp"

namespace usher::outbox {

struct courier_settings {
  share_settings shares;
  backoff_settings retries;
  domain::milliseconds lease = std::chrono::seconds{60};  ///< longer than any delivery takes
  domain::milliseconds survey_every = std::chrono::seconds{2};
  domain::milliseconds keep = std::chrono::days{30};  ///< settled notifications and their tries
};

/// What somebody may want to know; called from the courier's thread, and must not block.
struct courier_observer {
  /// A try ended; `lateness` is the time from the change to the begin of its first try, nothing for later ones.
  std::function<void(std::string_view channel, std::string_view outcome, std::optional<double> lateness)> on_try;
  /// The receiver asks to be told no more.
  std::function<void(domain::webhook_id endpoint, const std::string& why)> on_gone;
  /// A notification is given up; at most once an hour and queue.
  std::function<void(const store::outbox_row& what, const std::string& why)> on_given_up;
};

/// By name; a channel that is not configured is missing, and its notifications are given up.
using channel_set = std::map<std::string, std::unique_ptr<channel>, std::less<>>;

/// At least once, in the order of a ticket's versions for each endpoint, with the same id in every try. Goes by the
/// table alone; `wake` only spares it the wait. Without the database it waits, and goes on when it is back.
class courier {
 public:
  /// `from` and `clock` outlive it.
  courier(store::outbox_store& from, channel_set channels, const domain::clock_port& clock, courier_settings settings,
          courier_observer observer);
  ~courier();
  courier(const courier&) = delete;
  courier& operator=(const courier&) = delete;

  void start();
  /// Something was committed for these queues, or is due again. Any thread, does not block.
  void wake(const std::vector<store::outbox_queue>& queues);
  /// Takes nothing new; what is under way goes on.
  void stop_claiming();
  /// Ends what is under way, records its results, gives back the rest. False when that did not work by `deadline`:
  /// then it is delivered again by the next start.
  bool stop(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::int64_t pending() const noexcept;
  /// Seconds; 0 when nothing is pending.
  [[nodiscard]] double oldest_pending_age() const;

 private:
  struct engine;
  std::unique_ptr<engine> engine_;
};

}  // namespace usher::outbox
