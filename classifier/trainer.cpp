#include "classifier/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "classifier/calibration.hpp"
#include "classifier/descent.hpp"
#include "classifier/training_set.hpp"

namespace usher::classifier {

namespace {

using chosen = std::vector<const training_ticket*>;

model build(const head_weights& weights, const vocabulary& words, const training_options& how) {
  model_parts parts;
  parts.block_scale = {how.words, how.pieces, how.concepts};
  parts.evidence_scale = how.evidence;
  auto at = [&](std::size_t h, int column) { return weights[static_cast<std::size_t>(column)][h]; };
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
  return build(descend(rows, tickets, words, how), words, how);
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
      if (t.fold == fold && t.scored) out.push_back({&t, trained.score(t.features, t.seen)});
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
  auto read = read_tickets(tickets, patterns, options);
  if (!read) return std::unexpected(read.error());
  if (options.progress) options.progress("read " + std::to_string(read->size()) + " tickets");
  auto scored = hold_out(*read, options);
  chosen all;
  for (const auto& t : *read) all.push_back(&t);
  auto trained = fit(all, options);
  if (options.progress) options.progress("fitted the model");
  model_parts parts = trained.parts();
  parts.tickets = static_cast<std::uint32_t>(read->size());
  calibrate(scored, options, parts);
  return std::make_shared<const model>(trained.with(parts));
}

}  // namespace usher::classifier
