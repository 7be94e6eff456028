// Lets the stories of tickets happen, and keeps the ledger of what was acknowledged.
#pragma once

#include <atomic>
#include <string>

#include "loadtest/cast.hpp"
#include "loadtest/ledger.hpp"
#include "loadtest/story.hpp"
#include "loadtest/workplace.hpp"

namespace usher::load {

/// Thread-safe, as long as each ticket is told by one thread.
class storyteller {
 public:
  storyteller(const cast& who, findings& found) : cast_(who), found_(found) {}

  /// Takes the steps of the ticket with this index one after another. Throws std::runtime_error when the desk can't be
  /// reached any more.
  void tell(workplace& at, sent_ticket& ticket, std::size_t index);

  /// Changes of status or priority that were acknowledged.
  [[nodiscard]] long changes() const noexcept { return changes_; }

 private:
  void send_message(workplace& at, sent_ticket& ticket, const step& what, const actor& by, std::string key);
  void change(workplace& at, sent_ticket& ticket, const step& what, const actor& by);

  const cast& cast_;
  findings& found_;
  std::atomic<long> changes_{0};
};

}  // namespace usher::load
