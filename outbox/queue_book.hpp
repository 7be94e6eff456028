// What the courier knows of each queue, and how the workers are shared among them. Not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "outbox/breaker.hpp"
#include "store/outbox_port.hpp"

namespace usher::outbox {

struct share_settings {
  int workers = 16;              ///< deliveries at once
  int workers_for_people = 4;    ///< of them webhooks never have
  int queue_deliveries_max = 4;  ///< of one channel or endpoint; one, once it has failed
  int log_rows_max = 256;        ///< lines are written without a worker, so many a claim
  breaker_settings breaker{10, 5, 0.5, std::chrono::seconds{30}};
};

class queue_book {
 public:
  using steady_time = std::chrono::steady_clock::time_point;

  explicit queue_book(share_settings settings) : settings_(settings) {}

  /// Something of the queue is due at this time, or earlier.
  void expect(const store::outbox_queue& queue, domain::instant due);
  /// What to ask for now: who was left out the last time comes first, and a queue whose breaker is open is left out.
  [[nodiscard]] std::vector<store::outbox_wish> wishes(domain::instant now, steady_time steady_now);
  /// It gave less than was asked for.
  void exhausted(const store::outbox_queue& queue, domain::instant now);

  /// A delivery begins. The answer goes back to `ended`.
  [[nodiscard]] bool begin(const store::outbox_queue& queue);
  void ended(const store::outbox_queue& queue, bool as_troubled);
  /// The result of a try.
  void judge(const store::outbox_queue& queue, bool failed, steady_time now);
  /// A try is to be repeated.
  void retry_at(const store::outbox_queue& queue, domain::instant at);

  /// When it is worth asking again; nothing: when told, or by the next survey.
  [[nodiscard]] std::optional<steady_time> next_due(domain::instant now, steady_time steady_now) const;
  [[nodiscard]] int under_way() const noexcept { return used_.all; }

 private:
  struct entry {
    explicit entry(const breaker_settings& settings) : gate(settings) {}

    breaker gate;
    int under_way = 0;
    bool troubled = false;  ///< its last try failed
    std::optional<domain::instant> due;
    std::multiset<domain::instant> later;  ///< when what failed is tried again
  };
  struct usage {
    int all = 0;
    int webhooks = 0;
    int troubled = 0;
  };

  [[nodiscard]] entry& entry_of(const store::outbox_queue& queue) {
    return entries_.try_emplace(queue, settings_.breaker).first->second;
  }
  [[nodiscard]] int room_of(const store::outbox_queue& queue, const entry& e) const;
  void use(const store::outbox_queue& queue, bool troubled, int count);

  share_settings settings_;
  std::map<store::outbox_queue, entry> entries_;
  std::optional<store::outbox_queue> served_last_;  ///< of those that had to share
  usage used_;
};

}  // namespace usher::outbox
