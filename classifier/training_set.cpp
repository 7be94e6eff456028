#include "classifier/training_set.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace usher::classifier {

namespace {

// What fewer tickets hold than this is left to their words: pieces of words are many.
constexpr unsigned piece_tickets_min = 2;

std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash ^ (hash >> 31);
}

}  // namespace

domain::result<std::vector<training_ticket>> read_tickets(const std::vector<labelled_ticket>& tickets,
                                                          const prepared_patterns& patterns,
                                                          const training_options& how) {
  std::vector<training_ticket> all;
  all.reserve(tickets.size());
  ticket_reader reader;
  for (const auto& t : tickets) {
    auto category = category_index(t.category);
    if (!category) return domain::fail(domain::errc::invalid, t.id + ": no such category: " + t.category);
    training_ticket one;
    one.near = nearness_of(t.hours_to_wedding);
    circumstances around{parse_requester_kind(t.requester).value_or(requester_kind::unknown), one.near};
    reader.read(t.subject, t.body, around, patterns);
    one.features.assign(reader.features().begin(), reader.features().end());
    one.seen = reader.seen();
    one.category = *category;
    one.other_category = category_index(t.other_category);
    one.priority = t.priority;
    one.emergency = t.emergency;
    one.scored = !t.translated && !t.written;
    one.weight = t.translated ? how.translated : 1;
    one.fold = stable_hash(t.id) % how.folds;
    all.push_back(std::move(one));
  }
  return all;
}

vocabulary::vocabulary(const std::vector<const training_ticket*>& tickets) {
  std::unordered_map<feature_key, unsigned> frequency;
  for (const auto* t : tickets)
    for (const auto& f : t->features) ++frequency[f.key];
  std::vector<std::pair<feature_key, unsigned>> wanted;
  for (const auto& [key, n] : frequency)
    if (block_of(key) != block::pieces || n >= piece_tickets_min) wanted.emplace_back(key, n);
  // The frequent come first, as long as their line has room; keys break ties, so that the order is always the same.
  std::ranges::sort(wanted, [](const auto& a, const auto& b) {
    auto rank = [](const auto& w) { return block_of(w.first) == block::concepts ? ~0U : w.second; };
    return rank(a) != rank(b) ? rank(a) > rank(b) : a.first < b.first;
  });
  std::vector<std::vector<std::uint16_t>> lines(model_rows / rows_a_line);
  auto total = static_cast<float>(tickets.size());
  for (const auto& [key, n] : wanted) {
    auto& line = lines[line_of(key)];
    bool taken = std::ranges::find(line, fingerprint_of(key)) != line.end();
    if (line.size() >= rows_a_line || taken) continue;
    entry e;
    e.row = static_cast<std::uint32_t>(line_of(key) * rows_a_line + line.size());
    e.column = static_cast<int>(entries_.size()) + 1;
    e.idf = pack_idf(std::log((1 + total) / (1 + static_cast<float>(n))) + 1);
    line.push_back(fingerprint_of(key));
    entries_.emplace(key, e);
  }
}

sparse_row to_sparse(const training_ticket& ticket, const vocabulary& words, const training_options& how) {
  const std::array<float, block_count> scales{how.words, how.pieces, how.concepts};
  std::array<double, block_count> squares{};
  sparse_row row;
  std::vector<std::size_t> blocks;
  for (const auto& f : ticket.features) {
    const auto* e = words.find(f.key);
    if (e == nullptr) continue;
    auto b = static_cast<std::size_t>(block_of(f.key));
    double value = term_weight(f.count) * unpack_idf(e->idf);
    squares[b] += value * value;
    row.push_back({e->column, value});
    blocks.push_back(b);
  }
  for (std::size_t i = 0; i < row.size(); ++i) row[i].value *= scales[blocks[i]] / std::sqrt(squares[blocks[i]]);
  std::ranges::sort(row, {}, &feature_node::index);
  for (std::size_t e = 0; e < evidence_at::count; ++e)
    if (ticket.seen.at[e] != 0)
      row.push_back({words.evidence_column() + static_cast<int>(e), double{ticket.seen.at[e]} * how.evidence});
  row.push_back({words.constant_column(), 1});
  row.push_back({-1, 0});
  return row;
}

std::vector<double> solve(linear_task& task) {
  std::array<int, 2> labels{1, -1};
  std::array<double, 2> weights{task.positive_weight, 1};
  parameter how{};
  how.solver_type = task.solver;
  how.C = task.cost;
  how.eps = task.solver == L2R_LR ? 0.001 : 0.1;
  how.nr_weight = 2;
  how.weight_label = labels.data();
  how.weight = weights.data();
  problem what{};
  what.l = static_cast<int>(task.rows.size());
  what.n = task.columns;
  what.y = task.answers.data();
  what.x = task.rows.data();
  what.bias = -1;
  if (const char* wrong = check_parameter(&what, &how)) throw std::logic_error(std::string("liblinear: ") + wrong);
  set_print_string_function([](const char*) {});
  std::srand(1);  // liblinear shuffles with rand(): the same tickets shall give the same model
  auto* trained = ::train(&what, &how);
  double sign = trained->label[0] == 1 ? 1 : -1;
  std::vector<double> out(static_cast<std::size_t>(task.columns) + 1);
  for (int i = 1; i <= task.columns; ++i) out[static_cast<std::size_t>(i)] = sign * trained->w[i - 1];
  free_and_destroy_model(&trained);
  return out;
}

}  // namespace usher::classifier
