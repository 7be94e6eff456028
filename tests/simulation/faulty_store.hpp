// The store of a simulation: what it does with a write is drawn from the seed.
#pragma once

#include <random>

#include "tests/actors/fakes.hpp"

namespace usher::simulation {

/// Commits at once, refuses, takes its time, or commits and is cut off: then it tells of it when it is back, as a lane
/// does. Everything after what is slow waits behind it.
class faulty_store final : public tests::memory_store {
 public:
  explicit faulty_store(std::mt19937_64& random) : random_(random) {}

  /// Without faults from now on, or with them.
  void set_faults(bool on) { faults_ = on; }

  void submit(store::write what) override {
    if (!std::holds_alternative<store::ticket_write>(what.what)) return memory_store::submit(std::move(what));
    if (dead_) return what.done(domain::fail(domain::errc::unavailable));
    if (!slow_.empty()) return slow_.push_back(std::move(what));
    switch (faults_ ? pick(19) : 0) {
      case 17:
        return what.done(domain::fail(domain::errc::unavailable));
      case 18:
        return commit_unheard(std::move(what));
      case 19:
        return slow_.push_back(std::move(what));
      default:
        return memory_store::submit(std::move(what));
    }
  }

  /// Some of what took its time is committed, in its order.
  void hurry() {
    for (auto left = slow_.empty() ? 0 : pick(slow_.size()); left > 0; --left) release_first();
  }
  void release_all() {
    while (!slow_.empty()) release_first();
  }

  /// The process dies: of what was on its way a first part is committed, nothing of it is answered.
  void die() {
    for (auto committed = slow_.empty() ? 0 : pick(slow_.size()); committed > 0; --committed) {
      auto first = std::move(slow_.front());
      slow_.pop_front();
      auto asker = std::move(first.done);
      first.done = domain::completion<std::monostate>([](const domain::result<std::monostate>&) {});
      memory_store::submit(std::move(first));
      asker(domain::fail(domain::errc::unavailable));
    }
    dead_ = true;
    slow_.clear();
  }
  void revive() { dead_ = false; }

 private:
  std::size_t pick(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }

  void release_first() {
    auto first = std::move(slow_.front());
    slow_.pop_front();
    memory_store::submit(std::move(first));
  }
  /// What is left of the write is its answer, which waits in the row as an empty write of policies.
  void commit_unheard(store::write what) {
    auto asker = std::move(what.done);
    auto outcome = std::make_shared<domain::result<std::monostate>>(std::monostate{});
    what.done =
        domain::completion<std::monostate>([outcome](domain::result<std::monostate> r) { *outcome = std::move(r); });
    memory_store::submit(std::move(what));
    store::write rest{store::policies_write{}, store::steady_time::max(), {}};
    rest.done = domain::completion<std::monostate>(
        [outcome, asker = std::move(asker)](const domain::result<std::monostate>& told) mutable {
          if (!told) return asker(domain::fail(domain::errc::unavailable));
          asker(std::move(*outcome));
        });
    slow_.push_back(std::move(rest));
  }

  std::mt19937_64& random_;
  bool faults_ = false;
  bool dead_ = false;
  std::deque<store::write> slow_;
};

}  // namespace usher::simulation
