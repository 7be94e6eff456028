// Reads everything back and compares it with the ledger.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "loadtest/cast.hpp"
#include "loadtest/ledger.hpp"
#include "loadtest/workplace.hpp"

namespace usher::load {

/// Compares every member that the harness knows. `where` says how the ticket was read.
void compare_ticket(findings& found, const cast& who, const sent_ticket& sent, const seen_ticket& seen,
                    std::string_view where);
void compare_message(findings& found, const sent_message& sent, const seen_message& seen, std::string_view where);

/// A list that is walked from its first page to its last, and what has to be in it.
struct list_walk {
  std::string name;   ///< for findings
  std::string query;  ///< without limit and cursor
  std::string_view token;
  std::vector<std::size_t> expected;  ///< indexes of tickets
  bool exact = false;                 ///< nothing else may be in it; else tickets of others are skipped
};

class reading {
 public:
  reading(const cast& who, const std::vector<sent_ticket>& tickets, findings& found);

  /// One walk as staff over all that was created since the run began, one for each status, and one as a customer of
  /// each organization, which has to find its own tickets and no others.
  [[nodiscard]] std::vector<list_walk> walks() const;
  /// Every ticket is there once, newest first, and as it has to be.
  void walk(workplace& at, const list_walk& what);
  /// A ticket by id and by number, and its messages, as staff and as its customer; a customer of another organization
  /// is told that there is none.
  void read_one(workplace& at, std::size_t index);

 private:
  void read_ticket(workplace& at, const sent_ticket& ticket, const std::string& name, const actor& by);
  void read_messages(workplace& at, const sent_ticket& ticket, const actor& by, bool with_internal);
  void read_as_stranger(workplace& at, const sent_ticket& ticket, std::size_t index);

  const cast& cast_;
  const std::vector<sent_ticket>& tickets_;
  findings& found_;
  std::unordered_map<std::string, std::size_t> by_id_;
};

}  // namespace usher::load
