#include "classifier/reading.hpp"

#include <algorithm>

namespace usher::classifier {

domain::result<prepared_patterns> prepare_patterns(std::vector<pattern> patterns) {
  auto compiled = pattern_set::compile(std::move(patterns));
  if (!compiled) return std::unexpected(compiled.error());
  prepared_patterns out{std::move(*compiled), {}};
  for (const auto& p : out.set->patterns()) out.effects.push_back(effect_of(p));
  return out;
}

ticket_reader::ticket_reader() {
  hits_.reserve(hits_max);
  effective_.reserve(hits_max);
}

void ticket_reader::read(std::string_view subject, std::string_view body, const circumstances& around,
                         const prepared_patterns& patterns) {
  cleaner_.clean(subject, body, plain_);
  patterns.set->match(plain_.text, space_, hits_);
  features_ = counter_.count(plain_.text, plain_.subject_end);
  effective_.clear();
  for (const auto& hit : hits_) {
    const auto& effect = patterns.effects[hit.index];
    effective_.push_back({&effect, hit.end});
    features_ = counter_.add_concept(effect.concept_key);
  }
  seen_ = {};
  weigh_hits(plain_.text, effective_, seen_);
  seen_.at[evidence_at::requester + static_cast<std::size_t>(around.requester)] = 1;
  seen_.at[evidence_at::near + static_cast<std::size_t>(around.near)] = 1;
}

}  // namespace usher::classifier
