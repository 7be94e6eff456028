// Finds plain words and phrases of a set, wherever a word begins.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::classifier {

/// A trie in one flat hash table: a step is one look into it, so a text costs a look a byte at each of its words for as
/// long as they go on like a phrase of the set, thousands of phrases or few. Letters are taken without case.
class word_trie {
 public:
  word_trie();

  /// `owner` is told of `phrase`; with `open_end` also where the last word goes on.
  void add(std::string_view phrase, bool open_end, std::uint32_t owner);

  /// Calls `take(owner, end)` for each phrase that begins at `at`, where a word begins or ends.
  template <class IsBoundary, class Take>
  void match_at(std::string_view text, std::size_t at, IsBoundary is_boundary, Take take) const {
    std::uint32_t node = 0;
    for (auto end = at; end < text.size();) {
      node = next(node, text[end++]);
      if (node == 0) return;
      for (auto i = first_end_[node]; i != 0; i = ends_[i].next)
        if (ends_[i].open_end || is_boundary(end)) take(ends_[i].owner, end);
    }
  }

 private:
  struct slot {
    std::uint32_t key = 0;  ///< node and letter; 0 is free
    std::uint32_t node = 0;
  };
  struct phrase_end {
    std::uint32_t owner = 0;
    std::uint32_t next = 0;
    bool open_end = false;
  };

  static constexpr std::uint32_t key_of(std::uint32_t node, char c) noexcept {
    return (node << 8 | static_cast<unsigned char>(c)) + 1;
  }
  [[nodiscard]] std::size_t place_of(std::uint32_t key) const noexcept { return (key * 0x9e3779b1U) >> shift_; }
  [[nodiscard]] std::uint32_t next(std::uint32_t node, char c) const noexcept {
    auto key = key_of(node, c);
    for (auto at = place_of(key);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].key == key) return slots_[at].node;
      if (slots_[at].key == 0) return 0;
    }
  }
  std::uint32_t step(std::uint32_t node, char c);
  void grow();

  std::vector<slot> slots_;
  unsigned shift_ = 0;
  std::vector<std::uint32_t> first_end_;  ///< by node: the first of its ends; 0 is none
  std::vector<phrase_end> ends_;
};

}  // namespace usher::classifier
