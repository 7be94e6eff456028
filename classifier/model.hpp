// The trained weights, and what they make of a ticket's features. A linear model: one row of small integers a feature.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "classifier/evidence.hpp"
#include "classifier/features.hpp"
#include "domain/category.hpp"
#include "domain/error.hpp"

namespace usher::classifier {

/// The questions that the weights answer at once: each category, an emergency with and without a known date, each
/// priority.
namespace head_at {
inline constexpr std::size_t categories = 0;
inline constexpr std::size_t emergency_dated = categories + category_count;
inline constexpr std::size_t emergency_undated = emergency_dated + 1;
inline constexpr std::size_t priorities = emergency_undated + 1;
inline constexpr std::size_t count = priorities + domain::priority_count;
}  // namespace head_at
inline constexpr std::size_t heads_max = 28;
static_assert(head_at::count <= heads_max);

using head_scores = std::array<float, heads_max>;

/// One feature's weights; the weight of head h is `scale * weight[h]`. The inverse document frequency is needed for the
/// length of a text's vector. Two rows share a cache line, and a feature may stand in either.
struct alignas(32) model_row {
  std::array<std::int8_t, heads_max> weight{};
  std::uint8_t idf = 0;    ///< in steps of 1/16
  std::uint8_t scale = 0;  ///< in quarters of a power of two; 0 marks an empty row
  std::uint16_t fingerprint = 0;
};
static_assert(sizeof(model_row) == 32);

inline constexpr std::size_t rows_a_line = 2;
inline constexpr unsigned line_bits = 16;
inline constexpr std::size_t model_rows = (std::size_t{1} << line_bits) * rows_a_line;

/// What turns the emergency's score and the evidence into a probability; fitted on tickets that were held out.
inline constexpr std::size_t verdict_inputs = 1 + evidence_at::count + category_count;
struct emergency_judge {
  std::array<float, verdict_inputs> weight{};
  float bias = 0;
  float threshold = 0.5F;
};

/// Inputs of the confidence in the likeliest category.
inline constexpr std::size_t confidence_inputs_count = 4;

struct model_parts {
  std::array<float, block_count> block_scale{};
  float evidence_scale = 0;
  head_scores bias{};
  std::array<head_scores, evidence_at::count> evidence_weight{};
  float sharpness = 1;                                          ///< of the softmax over the categories' scores
  std::array<float, confidence_inputs_count + 1> confidence{};  ///< logistic, its bias last
  std::array<emergency_judge, 2> emergency{};                   ///< the ceremony's day known to be near, and not known
  std::uint32_t tickets = 0;                                    ///< that it was trained on
};

class model {
 public:
  /// Reads what `serialize` wrote. Refused: another format, a wrong length or a damaged content.
  [[nodiscard]] static domain::result<std::shared_ptr<const model>> load(std::span<const char> bytes);
  model(model_parts parts, std::vector<model_row> rows) : parts_(parts), rows_(std::move(rows)) {}
  [[nodiscard]] std::string serialize() const;
  /// The same weights of features, with other parts.
  [[nodiscard]] model with(const model_parts& parts) const { return {parts, rows_}; }

  [[nodiscard]] const model_parts& parts() const noexcept { return parts_; }
  [[nodiscard]] head_scores score(std::span<const feature> features, const evidence& seen) const noexcept;

 private:
  [[nodiscard]] const model_row* find(feature_key key) const noexcept;

  model_parts parts_;
  std::vector<model_row> rows_;
};

/// Probabilities over the categories.
using category_probabilities = std::array<float, category_count>;
[[nodiscard]] category_probabilities to_probabilities(const head_scores& scores, float sharpness) noexcept;

/// Log-odds of the likeliest, of the second, whether patterns speak for the likeliest and for others.
[[nodiscard]] std::array<float, confidence_inputs_count> confidence_inputs(const category_probabilities& p,
                                                                           const evidence& seen) noexcept;
/// How likely the likeliest category is right.
[[nodiscard]] float confidence(const model_parts& parts, const category_probabilities& p,
                               const evidence& seen) noexcept;

/// The inputs of an emergency's judgement, in their order.
[[nodiscard]] std::array<float, verdict_inputs> judge_inputs(float score, const evidence& seen,
                                                             const category_probabilities& categories) noexcept;
[[nodiscard]] float judge(const emergency_judge& judge, const std::array<float, verdict_inputs>& inputs) noexcept;

/// The weight of a feature that occurs `count` times, before its inverse document frequency.
[[nodiscard]] float term_weight(unsigned count) noexcept;

// How rows are found and their numbers are packed: shared with the trainer.
[[nodiscard]] constexpr std::size_t line_of(feature_key key) noexcept { return key >> (32 - line_bits); }
[[nodiscard]] constexpr std::uint16_t fingerprint_of(feature_key key) noexcept {
  return static_cast<std::uint16_t>(key & 0xffffU);
}
[[nodiscard]] float unpack_idf(std::uint8_t packed) noexcept;
[[nodiscard]] std::uint8_t pack_idf(float idf) noexcept;
[[nodiscard]] float unpack_scale(std::uint8_t packed) noexcept;
/// The smallest scale at which `largest` still fits a row.
[[nodiscard]] std::uint8_t pack_scale(float largest) noexcept;

}  // namespace usher::classifier
