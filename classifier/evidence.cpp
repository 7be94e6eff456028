#include "classifier/evidence.hpp"

#include <algorithm>

#include "classifier/features.hpp"
#include "domain/category.hpp"
#include "domain/word_table.hpp"

namespace usher::classifier {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, requester_kind_count> requester_words{"unknown"sv, "couple"sv, "vendor"sv,
                                                                             "planner"sv, "venue"sv,  "guest"sv};

bool ends_sentence(std::string_view text, std::size_t at) noexcept {
  char c = text[at];
  if (c == '\n' || c == '!' || c == '?') return true;
  return c == '.' && (at + 1 >= text.size() || text[at + 1] == ' ' || text[at + 1] == '\n');
}

/// Where the sentence that holds the byte before `end` ends.
std::size_t sentence_end(std::string_view text, std::size_t end) noexcept {
  auto at = end == 0 ? 0 : end - 1;
  while (at < text.size() && !ends_sentence(text, at)) ++at;
  return at;
}

void add(evidence& out, std::size_t place, float weight) noexcept {
  out.at[place] = std::clamp(out.at[place] + weight, -evidence_max, evidence_max);
}

}  // namespace

std::optional<requester_kind> parse_requester_kind(std::string_view word) noexcept {
  return domain::find_word<requester_kind>(requester_words, word);
}

nearness nearness_of(std::optional<double> hours) noexcept {
  if (!hours) return nearness::unknown;
  if (*hours < -12) return nearness::over;
  if (*hours <= 10) return nearness::day;
  if (*hours <= 48) return nearness::two_days;
  return *hours <= 14 * 24 ? nearness::two_weeks : nearness::far;
}

std::optional<std::size_t> category_index(std::string_view code) noexcept {
  auto all = domain::default_categories();
  auto found = std::ranges::find(all, code, &domain::category::code);
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

pattern_effect effect_of(const pattern& p) noexcept {
  pattern_effect effect{no_place, p.weight, false, false, concept_key(concept_of(p))};
  if (p.meaning.starts_with(urgency_prefix)) {
    auto what = parse_signal(std::string_view(p.meaning).substr(urgency_prefix.size()));
    if (!what) return effect;
    effect.urgency = true;
    effect.guard = is_guard(*what);
    effect.place = static_cast<std::uint8_t>(evidence_at::signals + static_cast<std::size_t>(*what));
  } else if (auto index = category_index(p.meaning)) {
    effect.place = static_cast<std::uint8_t>(evidence_at::categories + *index);
  }
  return effect;
}

void weigh_hits(std::string_view text, std::span<const effective_hit> hits, evidence& out) {
  for (std::size_t from = 0; from < hits.size();) {
    auto end = sentence_end(text, hits[from].end);
    auto to = from;
    bool guarded = false;
    for (; to < hits.size() && hits[to].end <= end + 1; ++to) guarded = guarded || hits[to].effect->guard;
    for (; from < to; ++from) {
      const auto& effect = *hits[from].effect;
      if (effect.place == no_place) continue;
      bool unsaid = guarded && effect.urgency && !effect.guard;
      auto place = unsaid ? effect.place + (evidence_at::guarded - evidence_at::signals) : effect.place;
      add(out, place, effect.weight);
    }
  }
}

}  // namespace usher::classifier
