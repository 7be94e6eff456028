#include "loadtest/ledger.hpp"

namespace usher::load {

namespace {

constexpr std::size_t shown_bytes_max = 80;

std::string shown(std::string_view text) {
  if (text.size() <= shown_bytes_max) return "'" + std::string(text) + "'";
  return "'" + std::string(text.substr(0, shown_bytes_max)) + "…' (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace

bool findings::check(bool good, std::string_view what) {
  compared_.fetch_add(1, std::memory_order_relaxed);
  if (!good) note(std::string(what));
  return good;
}

bool findings::same(std::string_view sent, std::string_view seen, std::string_view where) {
  compared_.fetch_add(1, std::memory_order_relaxed);
  if (sent == seen) return true;
  note(std::string(where) + ": expected " + shown(sent) + ", found " + shown(seen));
  return false;
}

std::vector<std::string> findings::first() const {
  std::scoped_lock guard(mutex_);
  return first_;
}

void findings::note(std::string what) {
  mismatches_.fetch_add(1, std::memory_order_relaxed);
  std::scoped_lock guard(mutex_);
  if (first_.size() < kept_max) first_.push_back(std::move(what));
}

}  // namespace usher::load
