#include "classifier/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "classifier/calibration.hpp"
#include "classifier/training_set.hpp"

namespace usher::classifier {

namespace {

using chosen = std::vector<const training_ticket*>;

/// What a ticket says to one of the model's questions: +1, -1, or 0 when it has no say.
int answer(const training_ticket& t, std::size_t head) noexcept {
  using namespace head_at;
  if (head < emergency_dated) {
    if (t.category == head) return 1;
    return t.other_category == head ? 0 : -1;
  }
  bool near = t.near == nearness::day;
  bool open = t.near == nearness::unknown;
  if (head == emergency_dated) return near || (open && !t.emergency) ? (t.emergency ? 1 : -1) : 0;
  if (head == emergency_undated) return near || open ? (t.emergency ? 1 : -1) : 0;
  return static_cast<std::size_t>(t.priority) == head - priorities ? 1 : -1;
}

std::vector<double> solve_head(const std::vector<sparse_row>& rows, const chosen& tickets, std::size_t head,
                               const vocabulary& words, const training_options& how) {
  linear_task task;
  task.columns = words.constant_column();
  task.cost = head < head_at::emergency_dated ? how.cost : how.urgency_cost;
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    int said = answer(*tickets[i], head);
    if (said == 0) continue;
    task.rows.push_back(const_cast<feature_node*>(rows[i].data()));  // liblinear reads only, and says so nowhere
    task.answers.push_back(said);
  }
  return solve(task);
}

model build(const std::vector<std::vector<double>>& weights, const vocabulary& words, const training_options& how) {
  model_parts parts;
  parts.block_scale = {how.words, how.pieces, how.concepts};
  parts.evidence_scale = how.evidence;
  auto at = [&](std::size_t h, int column) { return static_cast<float>(weights[h][static_cast<std::size_t>(column)]); };
  for (std::size_t h = 0; h < head_at::count; ++h) {
    parts.bias[h] = at(h, words.constant_column());
    for (std::size_t e = 0; e < evidence_at::count; ++e)
      parts.evidence_weight[e][h] = at(h, words.evidence_column() + static_cast<int>(e));
  }
  std::vector<model_row> rows(model_rows);
  for (const auto& [key, entry] : words.entries()) {
    auto& row = rows[entry.row];
    float largest = 0;
    for (std::size_t h = 0; h < head_at::count; ++h) largest = std::max(largest, std::abs(at(h, entry.column)));
    row.fingerprint = fingerprint_of(key);
    row.idf = entry.idf;
    row.scale = pack_scale(largest);
    for (std::size_t h = 0; h < head_at::count; ++h) {
      auto steps = std::lround(at(h, entry.column) / unpack_scale(row.scale));
      row.weight[h] = static_cast<std::int8_t>(std::clamp(steps, -127L, 127L));
    }
  }
  return {parts, std::move(rows)};
}

model fit(const chosen& tickets, const training_options& how) {
  vocabulary words(tickets);
  std::vector<sparse_row> rows;
  rows.reserve(tickets.size());
  for (const auto* t : tickets) rows.push_back(to_sparse(*t, words, how));
  std::vector<std::vector<double>> weights;
  for (std::size_t h = 0; h < head_at::count; ++h) weights.push_back(solve_head(rows, tickets, h, words, how));
  return build(weights, words, how);
}

/// Scores of every ticket by a model that has not seen it, nor a translation of it.
std::vector<held_out> hold_out(const std::vector<training_ticket>& tickets, const training_options& how) {
  std::vector<held_out> out;
  for (std::size_t fold = 0; fold < how.folds; ++fold) {
    chosen others;
    for (const auto& t : tickets)
      if (t.fold != fold) others.push_back(&t);
    auto trained = fit(others, how);
    for (const auto& t : tickets)
      if (t.fold == fold && !t.translated) out.push_back({&t, trained.score(t.features, t.seen)});
    if (how.progress) how.progress("fold " + std::to_string(fold + 1) + " of " + std::to_string(how.folds));
  }
  return out;
}

}  // namespace

domain::result<std::shared_ptr<const model>> train_model(const std::vector<labelled_ticket>& tickets,
                                                         const prepared_patterns& patterns,
                                                         const training_options& options) {
  if (options.folds < 2 || tickets.size() < options.folds * category_count)
    return domain::fail(domain::errc::invalid, "too few tickets to learn from");
  auto read = read_tickets(tickets, patterns, options.folds);
  if (!read) return std::unexpected(read.error());
  if (options.progress) options.progress("read " + std::to_string(read->size()) + " tickets");
  auto scored = hold_out(*read, options);
  chosen all;
  for (const auto& t : *read) all.push_back(&t);
  auto trained = fit(all, options);
  if (options.progress) options.progress("fitted the model");
  model_parts parts = trained.parts();
  parts.tickets = static_cast<std::uint32_t>(scored.size());
  calibrate(scored, options, parts);
  return std::make_shared<const model>(trained.with(parts));
}

}  // namespace usher::classifier
