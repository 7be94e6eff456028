#include "classifier/word_trie.hpp"

namespace usher::classifier {

namespace {

constexpr unsigned first_bits = 10;

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

word_trie::word_trie() : slots_(std::size_t{1} << first_bits), shift_(32 - first_bits), first_end_(1), ends_(1) {}

void word_trie::grow() {
  auto old = std::exchange(slots_, std::vector<slot>(slots_.size() * 2));
  --shift_;
  for (const auto& s : old) {
    if (s.key == 0) continue;
    auto at = place_of(s.key);
    while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = s;
  }
}

std::uint32_t word_trie::step(std::uint32_t node, char c) {
  if (auto there = next(node, c); there != 0) return there;
  if (first_end_.size() * 2 >= slots_.size()) grow();
  auto made = static_cast<std::uint32_t>(first_end_.size());
  first_end_.push_back(0);
  auto key = key_of(node, c);
  auto at = place_of(key);
  while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {key, made};
  return made;
}

void word_trie::add(std::string_view phrase, bool open_end, std::uint32_t owner) {
  std::uint32_t node = 0;
  for (char c : phrase) node = step(node, lower(c));
  ends_.push_back({owner, first_end_[node], open_end});
  first_end_[node] = static_cast<std::uint32_t>(ends_.size() - 1);
}

}  // namespace usher::classifier
