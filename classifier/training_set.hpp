// Labelled tickets as the numbers that liblinear learns from.
#pragma once

#include <linear.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "classifier/trainer.hpp"

namespace usher::classifier {

/// A ticket that was read, with its labels as numbers.
struct training_ticket {
  std::vector<feature> features;
  evidence seen;
  nearness near = nearness::unknown;
  std::size_t category = 0;
  std::optional<std::size_t> other_category;
  domain::priority priority{};
  bool emergency = false;
  bool scored = true;  ///< a sender's own words: what is calibrated on
  float weight = 1;
  std::size_t fold = 0;
};

[[nodiscard]] domain::result<std::vector<training_ticket>> read_tickets(const std::vector<labelled_ticket>& tickets,
                                                                        const prepared_patterns& patterns,
                                                                        const training_options& how);

/// Which features a model keeps, where their rows stand, and their packed inverse document frequency.
class vocabulary {
 public:
  explicit vocabulary(const std::vector<const training_ticket*>& tickets);

  struct entry {
    std::uint32_t row = 0;
    int column = 0;  ///< of liblinear, from 1
    std::uint8_t idf = 0;
  };
  [[nodiscard]] const entry* find(feature_key key) const noexcept {
    auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const std::unordered_map<feature_key, entry>& entries() const noexcept { return entries_; }
  /// Where evidence begins among the columns; after it comes the constant.
  [[nodiscard]] int evidence_column() const noexcept { return static_cast<int>(entries_.size()) + 1; }
  [[nodiscard]] int constant_column() const noexcept {
    return evidence_column() + static_cast<int>(evidence_at::count);
  }

 private:
  std::unordered_map<feature_key, entry> entries_;
};

/// The rows of liblinear's matrix.
using sparse_row = std::vector<feature_node>;
[[nodiscard]] sparse_row to_sparse(const training_ticket& ticket, const vocabulary& words, const training_options& how);

/// One yes-or-no question answered by liblinear: the weight of every column, 1-based.
struct linear_task {
  std::vector<feature_node*> rows;
  std::vector<double> answers;  ///< +1 or -1
  int columns = 0;
  int solver = L2R_L2LOSS_SVC_DUAL;
  double cost = 1;
  double positive_weight = 1;
};
[[nodiscard]] std::vector<double> solve(linear_task& task);

}  // namespace usher::classifier
