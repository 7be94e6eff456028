// What a model's scores are worth, learnt from tickets that it had not seen.
#pragma once

#include <vector>

#include "classifier/training_set.hpp"

namespace usher::classifier {

/// A ticket and its scores by a model that was trained without it.
struct held_out {
  const training_ticket* ticket = nullptr;
  head_scores scores{};
};

/// Fits the sharpness of the categories' probabilities, the confidence, and the judgement of emergencies.
void calibrate(const std::vector<held_out>& scored, const training_options& options, model_parts& parts);

}  // namespace usher::classifier
