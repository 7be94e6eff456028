// Posts a whole corpus as customers of several organizations, lets its stories happen, and reads everything back.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "loadtest/cast.hpp"
#include "loadtest/ledger.hpp"
#include "loadtest/workplace.hpp"

namespace usher::load {

struct corpus_options {
  std::size_t organizations = 8;
  std::size_t connections = 8;
  std::uint64_t seed = 1;
  patience limits;
};

/// What a run did, in numbers.
struct corpus_summary {
  long tickets = 0;  ///< creations acknowledged
  long messages = 0;
  long changes = 0;  ///< of status and priority
  long lists = 0;    ///< walked from the first page to the last
  double post_seconds = 0;
  double read_seconds = 0;
};

/// One run against one desk. The methods are called once each, in their order.
class corpus_run {
 public:
  corpus_run(target where, corpus_options options, const token_maker& tokens, std::vector<labelled_ticket> corpus);

  /// Makes the organizations. Throws std::runtime_error when the desk can't be reached, refuses the token, or has them
  /// already: then the tickets of this seed are there too, and what is read back would be those of two runs.
  void put_organizations();
  /// Creates the tickets, then lets each one's story happen.
  void post();
  /// Reads all tickets back by list, by id and by number, as staff and as customers, and compares.
  void read_back();

  [[nodiscard]] const cast& who() const noexcept { return cast_; }
  [[nodiscard]] const std::vector<sent_ticket>& tickets() const noexcept { return tickets_; }
  [[nodiscard]] const corpus_summary& summary() const noexcept { return summary_; }
  [[nodiscard]] const findings& found() const noexcept { return found_; }
  [[nodiscard]] const api_counts& counts() const noexcept { return counts_; }

 private:
  using task = std::function<void(workplace& at, std::size_t index)>;

  /// Runs a task for each index from 0 to `count`, on all connections. Rethrows the first exception of a thread.
  void spread(std::size_t count, const task& what);
  void deal_tickets(std::chrono::sys_time<std::chrono::milliseconds> now);
  void create(workplace& at, sent_ticket& ticket);
  [[nodiscard]] const actor& customer_of(const sent_ticket& ticket) const {
    return cast_.organizations[ticket.organization].customers[ticket.customer];
  }

  target where_;
  corpus_options options_;
  std::vector<labelled_ticket> corpus_;
  cast cast_;
  std::vector<sent_ticket> tickets_;
  findings found_;
  api_counts counts_;
  corpus_summary summary_;
};

}  // namespace usher::load
