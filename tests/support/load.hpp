// Writers that keep a desk busy, and the ledger of what it acknowledged to them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/desk.hpp"

namespace usher::test {

/// What was acknowledged for one ticket. Only its own writer touches the ticket.
struct ledger_ticket {
  std::string id;
  std::string subject;
  std::string organization;
  std::map<std::string, std::string> due_at;    ///< of each clock, as the creation was answered
  std::map<std::string, std::string> messages;  ///< id to body
  int steps = 0;                                ///< the last update: `custom_fields.step`
  bool unsettled = false;                       ///< a change was sent and given up without an answer
};

struct ledger {
  std::vector<ledger_ticket> tickets;
  std::vector<std::string> given_up;    ///< subjects of creations that were sent and never answered
  std::vector<std::string> unexpected;  ///< answers that no fault explains
};

/// Each writer creates tickets, writes to them as customer and as staff, and changes them, one request at a time. A
/// request without a clear answer (503, a cut connection) is repeated with the same `Idempotency-Key` until it has one.
class load {
 public:
  load(desk& on, int writers, unsigned seed);
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  /// Ends when every writer has got the answer to what it asked last. One that gets none within `at_most` gives up,
  /// which is noted as unexpected.
  [[nodiscard]] ledger finish(std::chrono::milliseconds at_most = std::chrono::seconds{60});
  /// Ends at once: what is under way is tried no more, and its outcome stays unknown.
  [[nodiscard]] ledger give_up();

  [[nodiscard]] long acknowledged() const noexcept { return acknowledged_; }
  /// Waits for so many further acknowledgements.
  [[nodiscard]] bool wait_for_progress(long further, std::chrono::milliseconds at_most) const;

  /// 503s that were seen, and those of them without `Retry-After`.
  std::atomic<long> refused{0};
  std::atomic<long> refused_without_retry_after{0};
  std::atomic<long> cut{0};
  /// The longest that one request took to be answered or cut.
  std::atomic<long> longest_ms{0};

 private:
  struct writer;

  void work(writer& me);
  void create(writer& me);
  void add_message(writer& me, bool by_staff);
  void update(writer& me);
  [[nodiscard]] std::optional<json> insist(writer& me, person& by, std::string_view method, const std::string& target,
                                           const std::string& body, const std::string& key, int wanted);
  void note_time(std::chrono::steady_clock::time_point since);
  [[nodiscard]] ledger join();

  std::vector<std::unique_ptr<writer>> writers_;
  std::atomic<int> working_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> giving_up_{false};
  std::atomic<long> acknowledged_{0};
};

}  // namespace usher::test
