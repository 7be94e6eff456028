#include "classifier/judgement.hpp"

#include <algorithm>
#include <numeric>

namespace usher::classifier {

namespace {

// Evidence of at least one plain pattern.
constexpr float evidence_enough = 0.9F;
// A date that is not today speaks against an emergency; only a text that leaves no doubt speaks louder.
constexpr float against_the_date = 0.93F;

domain::priority likeliest_priority(const head_scores& scores) noexcept {
  const auto* first = scores.begin() + head_at::priorities;
  return static_cast<domain::priority>(std::max_element(first, first + domain::priority_count) - first);
}

}  // namespace

judgement judge_ticket(const model& weights, std::span<const feature> features, const evidence& seen,
                       nearness near) noexcept {
  judgement out;
  const auto& parts = weights.parts();
  auto scores = weights.score(features, seen);
  out.probabilities = to_probabilities(scores, parts.sharpness);
  std::array<std::size_t, category_count> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::partial_sort(order.begin(), order.begin() + out.ranking.size(), order.end(),
                    [&](auto a, auto b) { return out.probabilities[a] > out.probabilities[b]; });
  std::copy_n(order.begin(), out.ranking.size(), out.ranking.begin());
  out.confidence = confidence(parts, out.probabilities, seen);
  out.patterns_agree = seen.category(out.ranking[0]) >= evidence_enough;

  bool dated = near == nearness::day;
  float score = scores[dated ? head_at::emergency_dated : head_at::emergency_undated];
  const auto& by = parts.emergency[dated ? 0 : 1];
  out.emergency_confidence = judge(by, judge_inputs(score, seen, out.probabilities));
  bool open = dated || near == nearness::unknown;
  out.emergency = out.emergency_confidence >= (open ? by.threshold : against_the_date);
  out.priority = likeliest_priority(scores);
  if (out.emergency) out.priority = domain::priority::critical;
  return out;
}

}  // namespace usher::classifier
