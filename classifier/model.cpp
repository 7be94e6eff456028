#include "classifier/model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <type_traits>

// Which clone fits is asked before main, and before the thread sanitizer is there to see it asked.
#if defined(__SANITIZE_THREAD__)
#define USHER_CLONES
#else
#define USHER_CLONES __attribute__((target_clones("avx2", "default")))
#endif

namespace usher::classifier {

namespace {

constexpr std::array<char, 8> format{'U', 'S', 'H', 'R', 'M', 'D', 'L', '1'};
static_assert(std::is_trivially_copyable_v<model_parts> && std::is_trivially_copyable_v<model_row>);

constexpr unsigned counts_max = 256;
constexpr float idf_step = 1.0F / 16;
// Scales go in quarters of a power of two, from 2^-32 up.
constexpr int scale_zero = 128;

/// Values that are looked up where a text is scored: logarithms and powers are too slow there.
struct tables {
  std::array<float, counts_max> term{};
  std::array<float, 256> scale{};

  tables() noexcept {
    for (unsigned n = 1; n < counts_max; ++n) term[n] = 1 + std::log(static_cast<float>(n));
    for (int i = 0; i < 256; ++i)
      scale[static_cast<std::size_t>(i)] = i == 0 ? 0 : std::exp2(static_cast<float>(i - scale_zero) / 4);
  }
};

const tables& lookup() noexcept {
  static const tables made;
  return made;
}

std::uint64_t checksum(std::string_view bytes) noexcept {
  std::uint64_t sum = 0xcbf29ce484222325ULL;
  for (char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return sum;
}

float logistic(float x) noexcept { return 1 / (1 + std::exp(-x)); }

using sums = std::array<float, heads_max>;

/// The innermost loop: one row onto the sums, all heads side by side.
USHER_CLONES void add_row(sums& out, const std::int8_t* weights, float by) noexcept {
  for (std::size_t h = 0; h < heads_max; ++h) out[h] += by * static_cast<float>(weights[h]);
}

}  // namespace

float term_weight(unsigned count) noexcept { return lookup().term[std::min(count, counts_max - 1)]; }

float unpack_idf(std::uint8_t packed) noexcept { return static_cast<float>(packed) * idf_step; }
std::uint8_t pack_idf(float idf) noexcept {
  return static_cast<std::uint8_t>(std::clamp(std::lround(idf / idf_step), 1L, 255L));
}

float unpack_scale(std::uint8_t packed) noexcept { return lookup().scale[packed]; }
std::uint8_t pack_scale(float largest) noexcept {
  for (int i = 1; i < 255; ++i)
    if (unpack_scale(static_cast<std::uint8_t>(i)) * 127 >= largest) return static_cast<std::uint8_t>(i);
  return 255;
}

domain::result<std::shared_ptr<const model>> model::load(std::span<const char> bytes) {
  constexpr std::size_t header = sizeof format + sizeof(std::uint64_t);
  constexpr std::size_t size = header + sizeof(model_parts) + model_rows * sizeof(model_row);
  auto refuse = [](const char* why) { return domain::fail(domain::errc::invalid, std::string("the model ") + why); };
  if (bytes.size() < sizeof format || !std::equal(format.begin(), format.end(), bytes.begin()))
    return refuse("is of another format");
  if (bytes.size() != size) return refuse("has the wrong length");
  std::uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + sizeof format, sizeof sum);
  if (sum != checksum({bytes.data() + header, bytes.size() - header})) return refuse("is damaged");
  model_parts parts;
  std::memcpy(&parts, bytes.data() + header, sizeof parts);
  std::vector<model_row> rows(model_rows);
  std::memcpy(rows.data(), bytes.data() + header + sizeof parts, model_rows * sizeof(model_row));
  return std::make_shared<const model>(parts, std::move(rows));
}

std::string model::serialize() const {
  std::string content(sizeof parts_ + rows_.size() * sizeof(model_row), '\0');
  std::memcpy(content.data(), &parts_, sizeof parts_);
  std::memcpy(content.data() + sizeof parts_, rows_.data(), rows_.size() * sizeof(model_row));
  auto sum = checksum(content);
  std::string out(format.data(), format.size());
  out.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return out + content;
}

const model_row* model::find(feature_key key) const noexcept {
  const auto* line = &rows_[line_of(key) * rows_a_line];
  for (std::size_t i = 0; i < rows_a_line; ++i)
    if (line[i].fingerprint == fingerprint_of(key) && line[i].scale != 0) return &line[i];
  return nullptr;
}

head_scores model::score(std::span<const feature> features, const evidence& seen) const noexcept {
  std::array<sums, block_count> by_block{};
  std::array<float, block_count> squares{};
  const auto& table = lookup();
  constexpr std::size_t ahead = 8;
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (i + ahead < features.size()) __builtin_prefetch(&rows_[line_of(features[i + ahead].key) * rows_a_line]);
    const auto* row = find(features[i].key);
    if (row == nullptr) continue;
    auto b = static_cast<std::size_t>(block_of(features[i].key));
    float value = table.term[std::min<unsigned>(features[i].count, counts_max - 1)] * unpack_idf(row->idf);
    squares[b] += value * value;
    add_row(by_block[b], row->weight.data(), value * table.scale[row->scale]);
  }
  head_scores out = parts_.bias;
  for (std::size_t b = 0; b < block_count; ++b) {
    if (squares[b] <= 0) continue;
    float by = parts_.block_scale[b] / std::sqrt(squares[b]);
    for (std::size_t h = 0; h < heads_max; ++h) out[h] += by * by_block[b][h];
  }
  for (std::size_t e = 0; e < evidence_at::count; ++e) {
    if (seen.at[e] == 0) continue;
    float by = parts_.evidence_scale * seen.at[e];
    for (std::size_t h = 0; h < heads_max; ++h) out[h] += by * parts_.evidence_weight[e][h];
  }
  return out;
}

category_probabilities to_probabilities(const head_scores& scores, float sharpness) noexcept {
  category_probabilities out{};
  float best = *std::max_element(scores.begin(), scores.begin() + category_count);
  for (std::size_t c = 0; c < category_count; ++c) out[c] = std::exp(sharpness * (scores[c] - best));
  float sum = std::accumulate(out.begin(), out.end(), 0.0F);
  for (auto& p : out) p /= sum;
  return out;
}

std::array<float, confidence_inputs_count> confidence_inputs(const category_probabilities& p,
                                                             const evidence& seen) noexcept {
  std::size_t best = 0;
  float second = 0;
  for (std::size_t c = 1; c < category_count; ++c) {
    if (p[c] > p[best])
      second = p[best], best = c;
    else
      second = std::max(second, p[c]);
  }
  auto odds = [](float x) { return std::log(std::clamp(x, 1e-5F, 1 - 1e-5F) / (1 - std::clamp(x, 1e-5F, 1 - 1e-5F))); };
  float others = 0;
  for (std::size_t c = 0; c < category_count; ++c)
    if (c != best) others = std::max(others, seen.category(c));
  return {odds(p[best]), odds(second), std::min(seen.category(best), 2.0F), std::min(others, 2.0F)};
}

float confidence(const model_parts& parts, const category_probabilities& p, const evidence& seen) noexcept {
  auto inputs = confidence_inputs(p, seen);
  return logistic(std::inner_product(inputs.begin(), inputs.end(), parts.confidence.begin(), parts.confidence.back()));
}

std::array<float, verdict_inputs> judge_inputs(float score, const evidence& seen,
                                               const category_probabilities& categories) noexcept {
  std::array<float, verdict_inputs> out{};
  out[0] = score;
  std::copy(seen.at.begin(), seen.at.end(), out.begin() + 1);
  std::copy(categories.begin(), categories.end(), out.begin() + 1 + evidence_at::count);
  return out;
}

float judge(const emergency_judge& judge, const std::array<float, verdict_inputs>& inputs) noexcept {
  return logistic(std::inner_product(inputs.begin(), inputs.end(), judge.weight.begin(), judge.bias));
}

}  // namespace usher::classifier
