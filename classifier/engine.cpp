#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "classifier/classifier.hpp"
#include "classifier/embedded.hpp"
#include "classifier/judgement.hpp"
#include "classifier/reading.hpp"

namespace usher::classifier {

namespace {

// Readers that are kept for the next ticket; more threads than this make theirs anew.
constexpr std::size_t readers_kept_max = 64;

constexpr std::chrono::hours emergency_before{8};
constexpr std::chrono::hours emergency_after{12};
constexpr std::chrono::hours urgent_before{48};

std::shared_ptr<const model> shipped_model() {
  auto loaded = model::load(embedded_model());
  if (!loaded) throw std::runtime_error("built in: " + loaded.error().detail);
  return *loaded;
}

std::shared_ptr<const prepared_patterns> prepared(std::vector<pattern> patterns) {
  auto made = prepare_patterns(std::move(patterns));
  if (!made) throw std::runtime_error("the patterns: " + made.error().detail);
  return std::make_shared<const prepared_patterns>(std::move(*made));
}

std::optional<double> hours_between(const input& ticket) {
  if (!ticket.wedding_at) return std::nullopt;
  return std::chrono::duration<double, std::ratio<3600>>(*ticket.wedding_at - ticket.now).count();
}

/// The patterns that hit and speak for the verdict: of its category, then of urgency.
std::vector<std::string> name_signals(const ticket_reader& reader, const prepared_patterns& patterns,
                                      std::string_view category) {
  std::vector<const pattern*> named;
  for (const auto& hit : reader.hits()) {
    const auto* p = &patterns.set->patterns()[hit.index];
    bool speaks = p->meaning == category || p->meaning.starts_with(urgency_prefix);
    if (speaks && std::ranges::find(named, p) == named.end()) named.push_back(p);
  }
  std::ranges::stable_sort(named, [&](const pattern* a, const pattern* b) {
    bool first = a->meaning == category;
    bool second = b->meaning == category;
    return first != second ? first : a->weight > b->weight;
  });
  std::vector<std::string> ids;
  for (const auto* p : named)
    if (ids.size() < signals_max) ids.push_back(p->id);
  return ids;
}

}  // namespace

struct engine::state {
  mutable std::mutex lock;
  std::shared_ptr<const prepared_patterns> patterns;
  std::shared_ptr<const model> weights;
  std::vector<std::unique_ptr<ticket_reader>> readers;
};

engine::engine() : engine(shipped_patterns(), shipped_model()) {}

engine::engine(std::vector<pattern> patterns, std::shared_ptr<const model> weights)
    : state_(std::make_unique<state>()) {
  state_->patterns = prepared(std::move(patterns));
  state_->weights = std::move(weights);
}

engine::~engine() = default;

verdict engine::classify(const input& ticket) const {
  std::shared_ptr<const prepared_patterns> patterns;
  std::shared_ptr<const model> weights;
  std::unique_ptr<ticket_reader> reader;
  {
    std::lock_guard held(state_->lock);
    patterns = state_->patterns;
    weights = state_->weights;
    if (!state_->readers.empty()) {
      reader = std::move(state_->readers.back());
      state_->readers.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<ticket_reader>();
  circumstances around{parse_requester_kind(ticket.requester_kind).value_or(requester_kind::unknown),
                       nearness_of(hours_between(ticket))};
  reader->read(ticket.subject, ticket.body, around, *patterns);
  auto found = judge_ticket(*weights, reader->features(), reader->seen(), around.near);

  verdict out;
  auto codes = domain::default_categories();
  out.category = codes[found.ranking[0]].code;
  out.confidence = found.confidence;
  out.emergency = found.emergency;
  out.emergency_confidence = found.emergency_confidence;
  out.priority = found.priority;
  out.urgency = found.emergency ? domain::urgency::emergency : date_urgency(ticket.wedding_at, ticket.now);
  out.method = found.patterns_agree ? "pattern+model" : "model";
  out.signals = name_signals(*reader, *patterns, out.category);
  for (auto c : found.ranking) out.alternatives.push_back({std::string(codes[c].code), found.probabilities[c]});
  out.alternatives.front().confidence = out.confidence;
  std::lock_guard held(state_->lock);
  if (state_->readers.size() < readers_kept_max) state_->readers.push_back(std::move(reader));
  return out;
}

domain::result<std::function<void()>> engine::prepare_patterns(std::vector<pattern> patterns) {
  auto made = classifier::prepare_patterns(std::move(patterns));
  if (!made) return std::unexpected(made.error());
  auto fresh = std::make_shared<const prepared_patterns>(std::move(*made));
  return [this, fresh] {
    std::lock_guard held(state_->lock);
    state_->patterns = fresh;
  };
}

domain::result<void> engine::replace_patterns(std::vector<pattern> patterns) {
  auto put_in_force = prepare_patterns(std::move(patterns));
  if (!put_in_force) return std::unexpected(put_in_force.error());
  (*put_in_force)();
  return {};
}

std::vector<pattern> engine::patterns() const {
  std::lock_guard held(state_->lock);
  return state_->patterns->set->patterns();
}

void engine::replace_model(std::shared_ptr<const model> weights) {
  std::lock_guard held(state_->lock);
  state_->weights = std::move(weights);
}

domain::urgency date_urgency(std::optional<domain::instant> wedding_at, domain::instant now) noexcept {
  if (!wedding_at || now > *wedding_at + emergency_after) return domain::urgency::none;
  if (now >= *wedding_at - emergency_before) return domain::urgency::emergency;
  return now >= *wedding_at - urgent_before ? domain::urgency::urgent : domain::urgency::none;
}

}  // namespace usher::classifier
