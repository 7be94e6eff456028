#include "classifier/features.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace usher::classifier {

namespace {

constexpr std::size_t table_slots = 16'384;
static_assert(features_max * 2 < table_slots);
constexpr std::size_t word_bytes_max = 40;
constexpr std::size_t piece_bytes_min = 3;
constexpr std::size_t piece_bytes_max = 5;

// Salts keep equal letters of different kinds of feature apart.
constexpr std::uint64_t word_salt = 0x9ae16a3b2f90404fULL;
constexpr std::uint64_t pair_salt = 0xc949d7c7509e6557ULL;
constexpr std::uint64_t subject_salt = 0xb492b66fbe98f273ULL;
constexpr std::uint64_t concept_salt = 0xd6e8feb86659fd93ULL;
constexpr std::uint64_t piece_salt = 0x87c37b91114253d5ULL;

constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 32;
  x *= 0x9e3779b97f4a7c15ULL;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9ULL;
  return x ^ (x >> 32);
}

constexpr bool is_word_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Prices, dates and times are alike in what they say about a ticket's matter.
constexpr char shape(char c) noexcept { return c >= '0' && c <= '9' ? '0' : c; }

std::uint64_t hash_word(std::string_view word) noexcept {
  std::uint64_t hash = word.size();
  for (char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

}  // namespace

feature_key concept_key(std::string_view concept_name) noexcept {
  auto hash = mix(hash_word(concept_name) ^ concept_salt);
  return (static_cast<feature_key>(hash >> 32) & ~3U) | static_cast<feature_key>(block::concepts);
}

feature_counter::feature_counter() : table_(table_slots) { found_.reserve(features_max); }

void feature_counter::add(std::uint64_t hash, block b) {
  auto key = (static_cast<feature_key>(hash >> 32) & ~3U) | static_cast<feature_key>(b);
  add_key(key, hash & 0xffffffffU, false);
}

void feature_counter::add_key(feature_key key, std::uint64_t at, bool once) {
  for (at %= table_slots;; at = (at + 1) % table_slots) {
    auto& here = table_[at];
    if (here.round != round_) {
      if (found_.size() >= features_max) return;
      here = {key, static_cast<std::uint32_t>(found_.size()), round_};
      found_.push_back({key, 1});
      return;
    }
    if (here.key == key) {
      auto& count = found_[here.place].count;
      if (!once && count < 0xff) ++count;
      return;
    }
  }
}

std::span<const feature> feature_counter::add_concept(feature_key key) {
  add_key(key, mix(key), true);
  return found_;
}

void feature_counter::add_pieces(std::string_view word) {
  std::array<char, word_bytes_max + 2> padded{};
  padded[0] = ' ';
  std::copy(word.begin(), word.end(), padded.begin() + 1);
  padded[word.size() + 1] = ' ';
  auto size = word.size() + 2;
  for (std::size_t from = 0; from + piece_bytes_min <= size; ++from) {
    std::uint64_t packed = 0;
    for (std::size_t n = 0; n < piece_bytes_max && from + n < size; ++n) {
      packed = packed << 8 | static_cast<unsigned char>(padded[from + n]);
      if (n + 1 >= piece_bytes_min) add(mix(packed ^ piece_salt), block::pieces);
    }
  }
}

std::span<const feature> feature_counter::count(std::string_view text, std::size_t subject_end) {
  found_.clear();
  if (++round_ == 0) {  // after four billion texts the marks of old rounds would come alive again
    std::fill(table_.begin(), table_.end(), slot{});
    round_ = 1;
  }
  std::uint64_t before = 0;
  for (std::size_t at = 0; at < text.size() && found_.size() < features_max;) {
    if (!is_word_byte(text[at])) {
      if (text[at] == '\n' || text[at] == '.' || text[at] == '!' || text[at] == '?') before = 0;
      ++at;
      continue;
    }
    std::array<char, word_bytes_max> word{};
    std::size_t size = 0;
    auto begin = at;
    for (; at < text.size() && is_word_byte(text[at]); ++at)
      if (size < word_bytes_max) word[size++] = shape(text[at]);
    std::string_view whole(word.data(), size);
    auto hash = hash_word(whole);
    add(mix(hash ^ word_salt), block::words);
    if (begin < subject_end) add(mix(hash ^ subject_salt), block::words);
    if (before != 0) add(mix(before * 31 + (hash ^ pair_salt)), block::words);
    add_pieces(whole);
    before = hash;
  }
  return found_;
}

}  // namespace usher::classifier
