// From plain text to numbers: hashed words, pairs of words and pieces of words, each with how often it occurs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace usher::classifier {

/// The text features come in blocks that are weighed for themselves, so that the many pieces of words don't drown the
/// few words, nor both the concepts that patterns found.
enum class block : std::uint8_t { words, pieces, concepts };
inline constexpr std::size_t block_count = 3;

/// A hash of 32 bits; its two lowest bits are the block.
using feature_key = std::uint32_t;
[[nodiscard]] constexpr block block_of(feature_key key) noexcept { return static_cast<block>(key & 3U); }
/// The feature of a concept that a pattern found.
[[nodiscard]] feature_key concept_key(std::string_view concept_name) noexcept;

struct feature {
  feature_key key = 0;
  std::uint16_t count = 0;
};

/// Different features of one text that are taken at most: about 600 words. Texts are longer than that only to be long.
inline constexpr std::size_t features_max = 6'000;

/// Counts features in a fixed table; a warm one allocates nothing. One thread at a time.
class feature_counter {
 public:
  feature_counter();

  /// The features of a plain text (text.hpp) whose subject ends at `subject_end`. Valid until the next call.
  [[nodiscard]] std::span<const feature> count(std::string_view text, std::size_t subject_end);
  /// Adds a concept to the features of the text that was counted last; several times is like once.
  [[nodiscard]] std::span<const feature> add_concept(feature_key key);

 private:
  void add(std::uint64_t hash, block b);
  void add_key(feature_key key, std::uint64_t at, bool once);
  void add_pieces(std::string_view word);

  struct slot {
    feature_key key = 0;
    std::uint32_t place = 0;  ///< in `found_`
    std::uint32_t round = 0;  ///< of which text
  };
  std::vector<slot> table_;
  std::vector<feature> found_;
  std::uint32_t round_ = 0;
};

}  // namespace usher::classifier
