// All of the model's questions fitted at once, by stochastic gradient descent.
#pragma once

#include <vector>

#include "classifier/model.hpp"
#include "classifier/training_set.hpp"

namespace usher::classifier {

/// Weights by column (from 1, as in the rows) and head.
using head_weights = std::vector<head_scores>;

/// Fits a softmax over the categories, one over the priorities, and a yes or no for each emergency head: Adagrad with a
/// little decay, and features left out at random so that no single word is relied on. One pass over a ticket serves all
/// heads, where a solver for one question at a time (liblinear) reads it once for each. A ticket whose second category
/// is right as well pulls towards both. Deterministic: the same rows in the same order give the same weights.
[[nodiscard]] head_weights descend(const std::vector<sparse_row>& rows,
                                   const std::vector<const training_ticket*>& tickets, const vocabulary& words,
                                   const training_options& how);

}  // namespace usher::classifier
