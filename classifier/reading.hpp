// One ticket read by patterns and features: what the model is trained on is what it is asked about.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "classifier/evidence.hpp"
#include "classifier/features.hpp"
#include "classifier/pattern_set.hpp"
#include "classifier/text.hpp"

namespace usher::classifier {

/// A set of patterns with the effect of each, worked out once.
struct prepared_patterns {
  std::shared_ptr<const pattern_set> set;
  std::vector<pattern_effect> effects;
};
[[nodiscard]] domain::result<prepared_patterns> prepare_patterns(std::vector<pattern> patterns);

/// Where and by whom a ticket was written.
struct circumstances {
  requester_kind requester = requester_kind::unknown;
  nearness near = nearness::unknown;
};

/// Reads tickets one after the other; a warm reader allocates nothing. One thread at a time.
class ticket_reader {
 public:
  ticket_reader();

  /// Everything below is valid until the next call.
  void read(std::string_view subject, std::string_view body, const circumstances& around,
            const prepared_patterns& patterns);

  [[nodiscard]] std::span<const feature> features() const noexcept { return features_; }
  [[nodiscard]] const evidence& seen() const noexcept { return seen_; }
  [[nodiscard]] std::span<const pattern_hit> hits() const noexcept { return hits_; }
  [[nodiscard]] const plain_text& plain() const noexcept { return plain_; }

 private:
  text_cleaner cleaner_;
  plain_text plain_;
  match_space space_;
  feature_counter counter_;
  std::vector<pattern_hit> hits_;
  std::vector<effective_hit> effective_;
  std::span<const feature> features_;
  evidence seen_;
};

}  // namespace usher::classifier
