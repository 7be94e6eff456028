// Runs the engine over labelled tickets, for the commands that score.
#pragma once

#include <vector>

#include "classifier/classifier.hpp"
#include "classifier/evaluation.hpp"

namespace usher::app {

/// Verdicts in the order of the tickets, and the mean time that one took.
[[nodiscard]] std::vector<classifier::scored_verdict> classify_all(
    const classifier::engine& engine, const std::vector<classifier::labelled_ticket>& tickets, double& us_per_ticket);

/// The tables, and the line that scripts read.
void print_scores(const classifier::evaluation& e, double us_per_ticket);

}  // namespace usher::app
