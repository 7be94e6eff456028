#include "classifier/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace usher::classifier {

namespace {

constexpr float sharpness_min = 0.5F;
constexpr float sharpness_max = 12;
constexpr float sharpness_step = 1.05F;

bool is_right(const training_ticket& t, std::size_t category) noexcept {
  return t.category == category || t.other_category == category;
}

/// How surprised the probabilities are by what was right, in the mean.
double surprise(const std::vector<held_out>& scored, float sharpness) {
  double sum = 0;
  for (const auto& s : scored) {
    auto p = to_probabilities(s.scores, sharpness);
    double right = p[s.ticket->category] + (s.ticket->other_category ? p[*s.ticket->other_category] : 0.0F);
    sum -= std::log(std::max(right, 1e-6));
  }
  return sum / static_cast<double>(scored.size());
}

float fit_sharpness(const std::vector<held_out>& scored) {
  float best = 1;
  double least = surprise(scored, best);
  for (float s = sharpness_min; s < sharpness_max; s *= sharpness_step) {
    double here = surprise(scored, s);
    if (here < least) least = here, best = s;
  }
  return best;
}

/// liblinear's logistic regression on short dense inputs.
class logistic_fit {
 public:
  explicit logistic_fit(std::size_t inputs) : inputs_(inputs) {}

  void add(std::span<const float> input, bool yes) {
    auto& row = rows_.emplace_back();
    for (std::size_t i = 0; i < inputs_; ++i)
      if (input[i] != 0) row.push_back({static_cast<int>(i) + 1, input[i]});
    row.push_back({static_cast<int>(inputs_) + 1, 1});
    row.push_back({-1, 0});
    answers_.push_back(yes ? 1 : -1);
  }

  /// Weights, and the bias behind them.
  [[nodiscard]] std::vector<float> solve_at(double cost) {
    linear_task task;
    for (auto& row : rows_) task.rows.push_back(row.data());
    task.answers = answers_;
    task.columns = static_cast<int>(inputs_) + 1;
    task.solver = L2R_LR;
    task.cost = cost;
    auto weights = solve(task);
    std::vector<float> out;
    for (std::size_t i = 1; i < weights.size(); ++i) out.push_back(static_cast<float>(weights[i]));
    return out;
  }

  [[nodiscard]] bool has_both() const {
    return std::ranges::find(answers_, 1.0) != answers_.end() && std::ranges::find(answers_, -1.0) != answers_.end();
  }

 private:
  std::size_t inputs_;
  std::vector<sparse_row> rows_;
  std::vector<double> answers_;
};

void fit_confidence(const std::vector<held_out>& scored, model_parts& parts) {
  logistic_fit fit(confidence_inputs_count);
  for (const auto& s : scored) {
    auto p = to_probabilities(s.scores, parts.sharpness);
    auto best = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
    fit.add(confidence_inputs(p, s.ticket->seen), is_right(*s.ticket, best));
  }
  if (!fit.has_both()) return;
  auto weights = fit.solve_at(1);
  std::copy(weights.begin(), weights.end(), parts.confidence.begin());
}

void fit_emergency(const std::vector<held_out>& scored, bool dated, const training_options& options,
                   model_parts& parts) {
  logistic_fit fit(verdict_inputs);
  for (const auto& s : scored) {
    const auto& t = *s.ticket;
    if (dated ? t.near != nearness::day : t.near != nearness::unknown && t.near != nearness::day) continue;
    float score = s.scores[dated ? head_at::emergency_dated : head_at::emergency_undated];
    fit.add(judge_inputs(score, t.seen, to_probabilities(s.scores, parts.sharpness)), t.emergency);
  }
  if (!fit.has_both()) return;
  auto weights = fit.solve_at(options.judge_cost);
  auto& judge = parts.emergency[dated ? 0 : 1];
  std::copy(weights.begin(), weights.end() - 1, judge.weight.begin());
  judge.bias = weights.back();
}

}  // namespace

void calibrate(const std::vector<held_out>& scored, const training_options& options, model_parts& parts) {
  parts.sharpness = fit_sharpness(scored);
  fit_confidence(scored, parts);
  for (bool dated : {true, false}) fit_emergency(scored, dated, options, parts);
}

}  // namespace usher::classifier
