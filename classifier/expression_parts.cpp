#include "classifier/expression_parts.hpp"

#include <optional>

namespace usher::classifier {

namespace {

constexpr std::string_view whole_begin = "\\b(?:";
constexpr std::string_view whole_end = ")\\b";
constexpr std::string_view any_ending = "\\w*";
constexpr int depth_max = 20;

using words = std::vector<std::string>;

constexpr bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Spells out every text that an expression of letters, groups, sets and `?` can mean; nothing when it says more.
class speller {
 public:
  explicit speller(std::string_view text) : text_(text) {}

  std::optional<words> spell() {
    auto all = alternatives(0);
    if (!all || at_ != text_.size()) return std::nullopt;
    for (const auto& one : *all)
      if (one.empty()) return std::nullopt;
    return all;
  }

 private:
  [[nodiscard]] bool more() const noexcept { return at_ < text_.size(); }

  std::optional<words> alternatives(int depth) {
    words all;
    for (;;) {
      auto one = sequence(depth);
      if (!one || all.size() + one->size() > literals_of_one_max) return std::nullopt;
      all.insert(all.end(), one->begin(), one->end());
      if (!more() || text_[at_] != '|') return all;
      ++at_;
    }
  }

  std::optional<words> sequence(int depth) {
    words all{""};
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      auto next = atom(depth);
      if (!next) return std::nullopt;
      if (more() && text_[at_] == '?') {
        next->emplace_back();
        ++at_;
      }
      if (more() && (text_[at_] == '?' || text_[at_] == '*' || text_[at_] == '+' || text_[at_] == '{'))
        return std::nullopt;
      if (all.size() * next->size() > literals_of_one_max) return std::nullopt;
      words longer;
      for (const auto& before : all)
        for (const auto& after : *next) longer.push_back(before + after);
      all = std::move(longer);
    }
    return all;
  }

  std::optional<words> atom(int depth) {
    char c = text_[at_];
    if (c == '(') return group(depth);
    if (c == '[') return set();
    if (c == '.' || c == '^' || c == '$' || c == '*' || c == '+' || c == '{' || c == '}' || c == ']')
      return std::nullopt;
    if (c == '\\') {
      ++at_;
      if (at_ == text_.size() || is_letter_or_digit(text_[at_])) return std::nullopt;
      c = text_[at_];
    }
    ++at_;
    return words{std::string(1, c)};
  }

  std::optional<words> group(int depth) {
    ++at_;
    if (text_.substr(at_).starts_with("?:"))
      at_ += 2;
    else if (more() && text_[at_] == '?')
      return std::nullopt;
    if (depth >= depth_max) return std::nullopt;
    auto inside = alternatives(depth + 1);
    if (!inside || !more() || text_[at_] != ')') return std::nullopt;
    ++at_;
    return inside;
  }

  std::optional<words> set() {
    auto end = text_.find(']', ++at_);
    if (end == text_.npos || end == at_) return std::nullopt;
    words all;
    for (; at_ < end; ++at_) {
      char c = text_[at_];
      bool range = c == '-' && !all.empty() && at_ + 1 < end;
      if (c == '\\' || c == '^' || c == '[' || range) return std::nullopt;
      all.emplace_back(1, c);
    }
    at_ = end + 1;
    return all;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Where the alternatives at the top of `inside` end; nothing when its brackets don't match.
std::optional<std::vector<std::string_view>> split(std::string_view inside) {
  std::vector<std::string_view> all;
  int depth = 0;
  bool set = false;
  std::size_t from = 0;
  for (std::size_t at = 0; at <= inside.size(); ++at) {
    char c = at == inside.size() ? '|' : inside[at];
    if (c == '\\') {
      ++at;
      continue;
    }
    if (set)
      set = c != ']';
    else if (c == '[')
      set = true;
    else if (c == '(')
      ++depth;
    else if (c == ')' && --depth < 0)
      return std::nullopt;
    else if (c == '|' && depth == 0)
      all.push_back(inside.substr(from, at - from)), from = at + 1;
  }
  if (depth != 0 || set || from <= inside.size()) return std::nullopt;
  return all;
}

}  // namespace

expression_parts take_apart(std::string_view expression) {
  expression_parts whole{{}, {std::string(expression)}};
  if (!expression.starts_with(whole_begin) || !expression.ends_with(whole_end) ||
      expression.size() <= whole_begin.size() + whole_end.size())
    return whole;
  auto inside = expression.substr(whole_begin.size());
  inside.remove_suffix(whole_end.size());
  auto alternatives = split(inside);
  if (!alternatives) return whole;
  expression_parts parts;
  for (auto one : *alternatives) {
    bool open = one.ends_with(any_ending);
    auto spelt = speller(open ? one.substr(0, one.size() - any_ending.size()) : one).spell();
    if (spelt)
      for (auto& text : *spelt) parts.literals.push_back({std::move(text), open});
    else
      parts.expressions.push_back(std::string(whole_begin) + std::string(one) + std::string(whole_end));
  }
  return parts;
}

}  // namespace usher::classifier
