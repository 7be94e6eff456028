// How good verdicts are, held against labels.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "classifier/classifier.hpp"
#include "classifier/trainer.hpp"

namespace usher::classifier {

/// A verdict and what would have been right.
struct scored_verdict {
  std::string category;        ///< the label
  std::string other_category;  ///< right as well; may be empty
  std::string language;
  domain::priority priority{};
  bool emergency = false;
  verdict given;

  [[nodiscard]] bool is_right() const {
    return given.category == category || (!other_category.empty() && given.category == other_category);
  }
};

struct category_score {
  std::string code;
  std::size_t labelled = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// Verdicts whose confidence lies in one tenth.
struct confidence_bin {
  std::size_t count = 0;
  double confidence = 0;  ///< in the mean
  double accuracy = 0;
};

/// Where a second category is right as well, a verdict for it counts as one for the first.
struct evaluation {
  std::size_t tickets = 0;
  double accuracy = 0;
  double top3 = 0;
  double macro_f1 = 0;             ///< over the categories that occur in the labels
  double emergency_recall = 0;     ///< 1 when there was none to find
  double emergency_precision = 0;  ///< 1 when none was called
  double priority_accuracy = 0;
  double calibration_error = 0;  ///< expected calibration error over ten bins
  std::vector<category_score> categories;
  std::array<confidence_bin, 10> bins{};
};

[[nodiscard]] evaluation evaluate(const std::vector<scored_verdict>& verdicts);

/// The tables for people.
[[nodiscard]] std::string to_table(const evaluation& e);

}  // namespace usher::classifier
