// Which days' sums are out of date, and the work of summing them up anew.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "domain/completion.hpp"
#include "domain/time.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// The days (UTC) on which tickets were created that have changed since their sums were stored. Thread-safe.
class analytics_days {
 public:
  explicit analytics_days(const domain::clock_port& clock) : clock_(clock) {}

  /// A ticket that was created then has changed. Today's sums are never stored, so that costs a creation nothing.
  void changed(domain::instant created_at);

  /// The days to count anew, as texts; `all` until the store has been asked which those are.
  [[nodiscard]] std::vector<std::string> live() const;

  /// Sums up the days that are out of date, one after the other, but for today. `done` is told whether that worked;
  /// days that did not stay on the list.
  void roll_up(store::reader& reader, store::writer& writer, domain::completion<std::monostate> done);

 private:
  using day = std::chrono::sys_days;
  struct work;

  [[nodiscard]] day today() const { return std::chrono::floor<std::chrono::days>(clock_.now()); }
  void learn(const std::shared_ptr<work>& on);
  void next(const std::shared_ptr<work>& on);
  /// It could not be summed up.
  void give_back(day which);
  void store(const std::shared_ptr<work>& on, day which, domain::instant as_of, std::string rows);

  const domain::clock_port& clock_;
  mutable std::mutex mutex_;
  bool known_ = false;
  std::set<day> changed_;
  /// Being summed up; one that changes meanwhile is in both.
  std::set<day> in_work_;
};

}  // namespace usher::actors
