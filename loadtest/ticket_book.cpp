#include "loadtest/ticket_book.hpp"

#include <algorithm>

namespace usher::load {

std::optional<std::uint32_t> ticket_book::add(known_ticket ticket) {
  std::scoped_lock guard(mutex_);
  if (tickets_.size() == entries_max) {
    ++not_kept_;
    return std::nullopt;
  }
  tickets_.push_back(ticket);
  return static_cast<std::uint32_t>(tickets_.size() - 1);
}

void ticket_book::add(known_message message) {
  std::scoped_lock guard(mutex_);
  if (messages_.size() == entries_max)
    ++not_kept_;
  else
    messages_.push_back(message);
}

std::optional<std::pair<std::uint32_t, known_ticket>> ticket_book::draw(lots& by) const {
  std::scoped_lock guard(mutex_);
  if (tickets_.empty()) return std::nullopt;
  auto at = tickets_.size() - 1 - by.index(std::min(tickets_.size(), recent));
  return std::pair{static_cast<std::uint32_t>(at), tickets_[at]};
}

std::size_t ticket_book::ticket_count() const {
  std::scoped_lock guard(mutex_);
  return tickets_.size();
}

std::uint64_t ticket_book::not_kept() const {
  std::scoped_lock guard(mutex_);
  return not_kept_;
}

std::vector<known_ticket> ticket_book::tickets() const {
  std::scoped_lock guard(mutex_);
  return tickets_;
}

std::vector<known_message> ticket_book::messages() const {
  std::scoped_lock guard(mutex_);
  return messages_;
}

}  // namespace usher::load
