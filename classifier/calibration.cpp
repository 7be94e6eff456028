#include "classifier/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace usher::classifier {

namespace {

constexpr float sharpness_min = 0.5F;
constexpr float sharpness_max = 12;
constexpr float sharpness_step = 1.05F;
// Of emergencies: a missed one costs a wedding day, a false one a page at night.
constexpr double recall_wanted = 0.98;
constexpr double precision_wanted = 0.90;

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

emergency_judge to_judge(const std::vector<float>& weights) {
  emergency_judge by;
  std::copy(weights.begin(), weights.end() - 1, by.weight.begin());
  by.bias = weights.back();
  return by;
}

/// A ticket that a judge is asked about.
struct emergency_case {
  std::array<float, verdict_inputs> inputs{};
  bool emergency = false;
  std::size_t fold = 0;
};

/// The judge learnt from all cases but those of one fold; of all when there is no such fold.
std::optional<emergency_judge> fit_judge(const std::vector<emergency_case>& cases, std::size_t without, double cost) {
  logistic_fit fit(verdict_inputs);
  for (const auto& c : cases)
    if (c.fold != without) fit.add(c.inputs, c.emergency);
  if (!fit.has_both()) return std::nullopt;
  return to_judge(fit.solve_at(cost));
}

/// Where recall and precision have the most room above what is wanted of them, judged by judges that have not seen the
/// case.
float fit_threshold(const std::vector<emergency_case>& cases, const training_options& options) {
  std::vector<std::pair<float, bool>> judged;
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    auto by = fit_judge(cases, fold, options.judge_cost);
    if (!by) continue;
    for (const auto& c : cases)
      if (c.fold == fold) judged.emplace_back(judge(*by, c.inputs), c.emergency);
  }
  std::ranges::sort(judged, std::greater{}, &std::pair<float, bool>::first);
  auto all = static_cast<double>(std::ranges::count(judged, true, &std::pair<float, bool>::second));
  double found = 0;
  double most = -1;
  float best = emergency_judge{}.threshold;
  for (std::size_t i = 0; i + 1 < judged.size(); ++i) {
    found += judged[i].second ? 1 : 0;
    double room = std::min(found / all - recall_wanted, found / static_cast<double>(i + 1) - precision_wanted);
    if (room > most) most = room, best = (judged[i].first + judged[i + 1].first) / 2;
  }
  return best;
}

void fit_emergency(const std::vector<held_out>& scored, bool dated, const training_options& options,
                   model_parts& parts) {
  std::vector<emergency_case> cases;
  for (const auto& s : scored) {
    const auto& t = *s.ticket;
    if (dated ? t.near != nearness::day : t.near != nearness::unknown && t.near != nearness::day) continue;
    float score = s.scores[dated ? head_at::emergency_dated : head_at::emergency_undated];
    cases.push_back({judge_inputs(score, t.seen, to_probabilities(s.scores, parts.sharpness)), t.emergency, t.fold});
  }
  auto by = fit_judge(cases, options.folds, options.judge_cost);
  if (!by) return;
  by->threshold = fit_threshold(cases, options);
  parts.emergency[dated ? 0 : 1] = *by;
}

}  // namespace

void calibrate(const std::vector<held_out>& scored, const training_options& options, model_parts& parts) {
  parts.sharpness = fit_sharpness(scored);
  fit_confidence(scored, parts);
  for (bool dated : {true, false}) fit_emergency(scored, dated, options, parts);
}

}  // namespace usher::classifier
