// Every id that the desk has acknowledged, kept until the end, and drawn from by whoever needs a ticket.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "loadtest/lots.hpp"

namespace usher::load {

struct known_ticket {
  domain::uuid id;
  std::uint32_t customer = 0;  ///< index into the crowd's customers
};

struct known_message {
  domain::uuid id;
  std::uint32_t ticket = 0;  ///< index into the tickets
};

/// Thread-safe.
class ticket_book {
 public:
  /// Of each kind; 24 bytes an entry.
  static constexpr std::size_t entries_max = 20'000'000;
  /// Those who look for a ticket find one of so many last ones.
  static constexpr std::size_t recent = 4096;

  /// Returns its index; nothing when the book is full, which is counted.
  std::optional<std::uint32_t> add(known_ticket ticket);
  void add(known_message message);
  /// A recent one; nothing while there is none.
  [[nodiscard]] std::optional<std::pair<std::uint32_t, known_ticket>> draw(lots& by) const;

  [[nodiscard]] std::size_t ticket_count() const;
  /// What found no room.
  [[nodiscard]] std::uint64_t not_kept() const;
  /// Copies, for the end of a run.
  [[nodiscard]] std::vector<known_ticket> tickets() const;
  [[nodiscard]] std::vector<known_message> messages() const;

 private:
  mutable std::mutex mutex_;
  std::vector<known_ticket> tickets_;
  std::vector<known_message> messages_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace usher::load
