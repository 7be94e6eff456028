#include "classifier/descent.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace usher::classifier {

namespace {

/// What the second category takes of a ticket's pull.
constexpr float other_share = 0.35F;
/// Steps begin at the full rate.
constexpr float squares_at_first = 1e-3F;

/// A small generator of our own: those of the standard library leave the distributions to the implementation.
class dice {
 public:
  std::uint32_t roll() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>(state_ >> 32);
  }
  bool chance(float p) noexcept { return static_cast<float>(roll() >> 8) * 0x1p-24F < p; }
  void shuffle(std::vector<std::size_t>& all) noexcept {
    for (std::size_t i = all.size(); i > 1; --i)
      std::swap(all[i - 1], all[static_cast<std::size_t>(std::uint64_t{roll()} * i >> 32)]);
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

struct active_feature {
  std::size_t column = 0;
  float value = 0;
};

/// Turns the scores of heads [first, first + count) into what a softmax errs by; `wanted` sums to one.
void softmax_error(head_scores& scores, std::size_t first, std::size_t count, const head_scores& wanted) noexcept {
  auto* begin = scores.data() + first;
  float best = *std::max_element(begin, begin + count);
  float sum = 0;
  for (std::size_t h = 0; h < count; ++h) sum += begin[h] = std::exp(begin[h] - best);
  for (std::size_t h = 0; h < count; ++h) begin[h] = begin[h] / sum - wanted[first + h];
}

/// Scores become errors, head by head.
void to_errors(const training_ticket& t, head_scores& scores) noexcept {
  using namespace head_at;
  head_scores wanted{};
  wanted[t.category] = t.other_category ? 1 - other_share : 1;
  if (t.other_category) wanted[*t.other_category] += other_share;
  wanted[priorities + static_cast<std::size_t>(t.priority)] = 1;
  softmax_error(scores, categories, category_count, wanted);
  softmax_error(scores, priorities, domain::priority_count, wanted);
  // Tickets whose date says that the day is not today have no say about emergencies.
  bool near = t.near == nearness::day;
  bool open = t.near == nearness::unknown;
  float truth = t.emergency ? 1 : 0;
  auto error = [&](std::size_t head, bool asked) {
    scores[head] = asked ? 1 / (1 + std::exp(-scores[head])) - truth : 0;
  };
  error(emergency_dated, near || (open && !t.emergency));
  error(emergency_undated, near || open);
  std::fill(scores.begin() + head_at::count, scores.end(), 0.0F);
}

class descent {
 public:
  descent(std::size_t columns, const training_options& how) : how_(how), weights_(columns), squares_(columns) {
    for (auto& s : squares_) s.fill(squares_at_first);
  }

  void learn(const sparse_row& row, const training_ticket& t, int evidence_column) {
    pick(row, evidence_column);
    head_scores errors{};
    for (const auto& f : active_) {
      const auto& w = weights_[f.column];
      for (std::size_t h = 0; h < heads_max; ++h) errors[h] += w[h] * f.value;
    }
    to_errors(t, errors);
    for (auto& e : errors) e *= t.weight;
    for (const auto& f : active_) step(f, errors);
  }

  [[nodiscard]] head_weights take() { return std::move(weights_); }
  [[nodiscard]] dice& chance() noexcept { return dice_; }

 private:
  /// Words are left out at random, evidence never.
  void pick(const sparse_row& row, int evidence_column) {
    active_.clear();
    float kept = 1 / (1 - how_.left_out);
    for (const auto& node : row) {
      if (node.index < 0) break;
      bool text = node.index < evidence_column;
      if (text && dice_.chance(how_.left_out)) continue;
      auto value = static_cast<float>(node.value);
      active_.push_back({static_cast<std::size_t>(node.index), text ? value * kept : value});
    }
  }

  void step(const active_feature& f, const head_scores& errors) noexcept {
    auto& w = weights_[f.column];
    auto& s = squares_[f.column];
    for (std::size_t h = 0; h < heads_max; ++h) {
      float slope = errors[h] * f.value + how_.decay * w[h];
      s[h] += slope * slope;
      w[h] -= how_.rate * slope / std::sqrt(s[h]);
    }
  }

  const training_options& how_;
  head_weights weights_;
  head_weights squares_;
  std::vector<active_feature> active_;
  dice dice_;
};

}  // namespace

head_weights descend(const std::vector<sparse_row>& rows, const std::vector<const training_ticket*>& tickets,
                     const vocabulary& words, const training_options& how) {
  descent fit(static_cast<std::size_t>(words.constant_column()) + 1, how);
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t round = 0; round < how.rounds; ++round) {
    fit.chance().shuffle(order);
    for (auto i : order) fit.learn(rows[i], *tickets[i], words.evidence_column());
  }
  return fit.take();
}

}  // namespace usher::classifier
