// What a run has sent and what was acknowledged of it, and what was found to differ.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/corpus_file.hpp"

namespace usher::load {

struct sent_message {
  std::string id;
  std::string author;
  std::string role;
  std::string body;
  std::string visibility;
};

/// A ticket as it has to stand after its last acknowledged change. One thread at a time has it.
struct sent_ticket {
  const labelled_ticket* source = nullptr;
  std::size_t organization = 0;  ///< index into the cast
  std::size_t customer = 0;      ///< index into the organization's customers
  std::string wedding_at;        ///< empty when the line names none
  std::string id;                ///< empty until the creation is acknowledged
  std::int64_t number = 0;
  std::string status;
  std::string priority;
  std::int64_t version = 0;
  std::string created_at;
  std::vector<sent_message> messages;
};

/// Counts comparisons and keeps the first that failed. Thread-safe.
class findings {
 public:
  static constexpr std::size_t kept_max = 20;

  /// Notes a mismatch unless `good`. `what` says where and what, in words.
  bool check(bool good, std::string_view what);
  /// Compares two texts; a mismatch shows both, cut to a readable length.
  bool same(std::string_view sent, std::string_view seen, std::string_view where);
  bool same(std::int64_t sent, std::int64_t seen, std::string_view where) {
    return same(std::to_string(sent), std::to_string(seen), where);
  }

  [[nodiscard]] long compared() const noexcept { return compared_; }
  [[nodiscard]] long mismatches() const noexcept { return mismatches_; }
  [[nodiscard]] std::vector<std::string> first() const;

 private:
  void note(std::string what);

  std::atomic<long> compared_{0};
  std::atomic<long> mismatches_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> first_;
};

}  // namespace usher::load
