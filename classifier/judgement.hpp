// From scores to a decision: the category, the emergency and the priority of one ticket that was read.
#pragma once

#include <array>

#include "classifier/model.hpp"

namespace usher::classifier {

struct judgement {
  std::array<std::size_t, 3> ranking{};  ///< the likeliest categories
  category_probabilities probabilities{};
  float confidence = 0;
  float emergency_confidence = 0;
  bool emergency = false;
  bool patterns_agree = false;
  domain::priority priority = domain::priority::low;
};

/// Allocates nothing.
[[nodiscard]] judgement judge_ticket(const model& weights, std::span<const feature> features, const evidence& seen,
                                     nearness near) noexcept;

}  // namespace usher::classifier
