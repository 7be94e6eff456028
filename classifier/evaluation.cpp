#include "classifier/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace usher::classifier {

namespace {

struct counts {
  std::size_t labelled = 0;
  std::size_t given = 0;
  std::size_t right = 0;
};

double ratio(std::size_t part, std::size_t whole, double without = 0) {
  return whole == 0 ? without : static_cast<double>(part) / static_cast<double>(whole);
}

bool in_top3(const scored_verdict& v) {
  return std::ranges::any_of(v.given.alternatives, [&](const alternative& a) {
    return a.category == v.category || (!v.other_category.empty() && a.category == v.other_category);
  });
}

void score_categories(const std::vector<scored_verdict>& verdicts, evaluation& out) {
  std::map<std::string, counts> by_code;
  for (const auto& v : verdicts) {
    ++by_code[v.category].labelled;
    ++by_code[v.is_right() ? v.category : v.given.category].given;
    if (v.is_right()) ++by_code[v.category].right;
  }
  std::size_t occurring = 0;
  for (const auto& [code, n] : by_code) {
    category_score one{code, n.labelled, ratio(n.right, n.given), ratio(n.right, n.labelled), 0};
    if (one.precision + one.recall > 0) one.f1 = 2 * one.precision * one.recall / (one.precision + one.recall);
    if (n.labelled > 0) out.macro_f1 += one.f1, ++occurring;
    out.categories.push_back(one);
  }
  if (occurring > 0) out.macro_f1 /= static_cast<double>(occurring);
}

void score_confidence(const std::vector<scored_verdict>& verdicts, evaluation& out) {
  for (const auto& v : verdicts) {
    auto place = std::clamp(static_cast<int>(v.given.confidence * 10), 0, 9);
    auto& bin = out.bins[static_cast<std::size_t>(place)];
    ++bin.count;
    bin.confidence += v.given.confidence;
    bin.accuracy += v.is_right() ? 1 : 0;
  }
  for (auto& bin : out.bins) {
    if (bin.count == 0) continue;
    out.calibration_error += std::abs(bin.confidence - bin.accuracy) / static_cast<double>(verdicts.size());
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
}

}  // namespace

evaluation evaluate(const std::vector<scored_verdict>& verdicts) {
  evaluation out;
  out.tickets = verdicts.size();
  std::size_t right = 0, top3 = 0, emergencies = 0, called = 0, found = 0, priorities = 0;
  for (const auto& v : verdicts) {
    right += v.is_right() ? 1 : 0;
    top3 += in_top3(v) ? 1 : 0;
    emergencies += v.emergency ? 1 : 0;
    called += v.given.emergency ? 1 : 0;
    found += v.emergency && v.given.emergency ? 1 : 0;
    priorities += v.priority == v.given.priority ? 1 : 0;
  }
  out.accuracy = ratio(right, out.tickets);
  out.top3 = ratio(top3, out.tickets);
  out.emergency_recall = ratio(found, emergencies, 1);
  out.emergency_precision = ratio(found, called, 1);
  out.priority_accuracy = ratio(priorities, out.tickets);
  score_categories(verdicts, out);
  score_confidence(verdicts, out);
  return out;
}

std::string to_table(const evaluation& e) {
  std::array<char, 160> line{};
  std::string out;
  auto print = [&](const char* format, auto... values) {
    auto size = std::snprintf(line.data(), line.size(), format, values...);
    out.append(line.data(), static_cast<std::size_t>(std::clamp(size, 0, static_cast<int>(line.size()) - 1)));
  };
  print("%-24s %8s %9s %7s %7s\n", "category", "tickets", "precision", "recall", "f1");
  for (const auto& c : e.categories)
    print("%-24s %8zu %9.3f %7.3f %7.3f\n", c.code.c_str(), c.labelled, c.precision, c.recall, c.f1);
  print("\n%-24s %8s %9s %9s\n", "confidence", "tickets", "mean", "right");
  for (std::size_t i = 0; i < e.bins.size(); ++i)
    if (const auto& bin = e.bins[i]; bin.count > 0)
      print("%3zu %% to %3zu %%           %8zu %9.3f %9.3f\n", i * 10, i * 10 + 10, bin.count, bin.confidence,
            bin.accuracy);
  print("\ntickets %zu, accuracy %.4f, in the top three %.4f, macro F1 %.4f\n", e.tickets, e.accuracy, e.top3,
        e.macro_f1);
  print("emergencies: recall %.4f, precision %.4f; priority right %.4f; calibration error %.4f\n", e.emergency_recall,
        e.emergency_precision, e.priority_accuracy, e.calibration_error);
  return out;
}

}  // namespace usher::classifier
