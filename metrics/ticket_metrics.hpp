// What is counted of tickets, their clocks and the ladder, all from changes that were committed.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/ticket_events.hpp"
#include "metrics/histogram_family.hpp"
#include "metrics/label_values.hpp"

namespace usher::metrics {

/// Thread-safe. A change that tells nobody anything on the ladder takes no lock.
class ticket_metrics {
 public:
  explicit ticket_metrics(prometheus::Registry& registry);

  /// The gauges go from what they counted of a ticket (null: nothing) to what it is now.
  void moved(const domain::ticket* before, const domain::ticket& after);
  void committed(const domain::change& what);

  /// Sets the gauges that depend on the time.
  void look_at(domain::instant now);
  void collect(std::vector<prometheus::MetricFamily>& into) const;

 private:
  using counters_by_tier = std::array<prometheus::Counter*, tiers.size()>;
  static constexpr std::size_t levels = domain::all_levels.size();
  /// Categories that people of the desk add have labels of their own, up to so many.
  static constexpr std::size_t own_categories_max = 200;

  struct category_cells {
    std::array<std::array<prometheus::Counter*, channels.size()>, tiers.size()> created{};
    std::array<prometheus::Counter*, verdict_methods.size()> classified{};
  };
  struct waiting {
    std::mutex lock;
    std::multiset<domain::instant> since;
  };

  void add_tickets(prometheus::Registry& registry);
  void add_clocks(prometheus::Registry& registry);
  void add_ladder(prometheus::Registry& registry);
  [[nodiscard]] category_cells make_cells(const std::string& code);
  category_cells& cells_of(const std::string& category);
  void count(const domain::change& what, const domain::clock_changed& clock);
  void count(const domain::escalation& told);
  void move_waiting(const domain::ticket* before, const domain::ticket& after);

  prometheus::Family<prometheus::Counter>& created_;
  prometheus::Family<prometheus::Counter>& classified_;
  std::unordered_map<std::string, category_cells> categories_;      ///< the contract's; constant
  std::unordered_map<std::string, category_cells> own_categories_;  ///< under `own_lock_`
  category_cells other_;                                            ///< for those beyond the bound
  std::mutex own_lock_;

  std::array<std::array<prometheus::Gauge*, priorities.size()>, tiers.size()> open_{};
  counters_by_tier resolved_{};
  counters_by_tier reopened_{};
  std::array<std::array<prometheus::Counter*, 2>, 2> messages_{};  ///< staff, customer × public, internal
  prometheus::Gauge* emergencies_ = nullptr;

  std::array<counters_by_tier, clocks.size()> started_{};
  std::array<counters_by_tier, clocks.size()> met_{};
  std::array<std::array<std::array<prometheus::Counter*, priorities.size()>, tiers.size()>, clocks.size()> breached_{};
  histogram_family consumed_family_;
  histogram_family duration_family_;
  std::array<std::array<histogram*, tiers.size()>, clocks.size()> consumed_{};
  std::array<std::array<histogram*, tiers.size()>, clocks.size()> duration_{};

  std::array<prometheus::Counter*, levels> told_{};
  std::array<prometheus::Counter*, levels> nobody_{};
  std::array<prometheus::Gauge*, levels> unacknowledged_{};
  std::array<prometheus::Gauge*, levels> oldest_{};
  histogram_family ladder_lateness_family_;
  histogram* ladder_lateness_ = nullptr;
  std::array<waiting, levels> waiting_;
};

}  // namespace usher::metrics
