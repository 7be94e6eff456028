// All patterns compiled together: one pass over a text finds the hits of all, in time linear in its length.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "classifier/pattern.hpp"

namespace usher::classifier {

/// A pattern that matched, and where the match ends. A pattern that matches again is reported again only when it means
/// urgency: there the sentence matters.
struct pattern_hit {
  std::uint32_t index = 0;  ///< into `pattern_set::patterns()`
  std::uint32_t end = 0;    ///< in bytes
};

/// The most hits that a text can give; what comes later in a text that matches more often is left out.
inline constexpr std::size_t hits_max = 1'024;

/// What one thread needs to match; grows to the largest set that it was used with.
class match_space {
 public:
  match_space();
  ~match_space();
  match_space(match_space&&) noexcept;
  match_space& operator=(match_space&&) noexcept;

 private:
  friend class pattern_set;
  struct scratch;
  std::unique_ptr<scratch> scratch_;
};

/// Immutable once compiled, so that threads share it without a lock.
class pattern_set {
 public:
  /// Compiles the enabled ones. Refused with a reason: a field that is out of its limits, an expression that is
  /// malformed, that asks for what can't be matched in linear time (look-around, back references), or that matches the
  /// empty text; an id that occurs twice; too many patterns.
  [[nodiscard]] static domain::result<std::shared_ptr<const pattern_set>> compile(std::vector<pattern> patterns);

  ~pattern_set();

  /// The enabled patterns.
  [[nodiscard]] const std::vector<pattern>& patterns() const noexcept { return patterns_; }
  /// Replaces `hits` by what matches `text`, in the order in which the matches end.
  void match(std::string_view text, match_space& space, std::vector<pattern_hit>& hits) const;

 private:
  struct database;
  pattern_set(std::vector<pattern> patterns, std::unique_ptr<database> compiled);

  std::vector<pattern> patterns_;
  std::unique_ptr<database> compiled_;
};

}  // namespace usher::classifier
