#include "classifier/pattern_size.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

namespace usher::classifier {

namespace {

constexpr long most = pattern_size_counted_max;
/// What an open repeat comes to: many of them side by side take the compiler far longer than as many letters.
constexpr long open_repeat_size = 10;

bool is_digit(char c) noexcept { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The larger number of `{m,n}` at `at`, and past it; nothing where the brace is a letter like any other.
std::optional<long> read_count(std::string_view text, std::size_t& at) {
  auto end = text.find('}', at);
  if (end == text.npos) return std::nullopt;
  long largest = 0;
  long number = 0;
  bool any = false;
  for (auto i = at + 1; i < end; ++i) {
    if (text[i] == ',') {
      number = 0;
      continue;
    }
    if (!is_digit(text[i])) return std::nullopt;
    any = true;
    number = std::min(number * 10 + (text[i] - '0'), most);
    largest = std::max(largest, number);
  }
  if (!any) return std::nullopt;
  at = end + 1;
  return std::max(largest, 1L);
}

/// Past a set `[…]` that begins at `at`. A `]` that comes first is one of its letters.
std::size_t past_set(std::string_view text, std::size_t at) {
  ++at;
  if (at < text.size() && text[at] == '^') ++at;
  if (at < text.size() && text[at] == ']') ++at;
  for (; at < text.size() && text[at] != ']'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

}  // namespace

long pattern_size(std::string_view text) {
  std::vector<long> open{0};  // the sizes of the groups that are open, the outermost first
  for (std::size_t at = 0; at < text.size();) {
    long atom = 1;
    char c = text[at];
    if (c == '(') {
      open.push_back(0);
      at += text.substr(at).starts_with("(?:") ? 3 : 1;
      continue;
    }
    if (c == '|') {
      ++at;
      continue;
    }
    if (c == ')' && open.size() > 1) {
      atom = open.back();
      open.pop_back();
      ++at;
    } else if (c == '\\') {
      at = std::min(at + 2, text.size());
    } else if (c == '[') {
      at = past_set(text, at);
    } else {
      ++at;
    }
    while (at < text.size()) {  // repeats of repeats multiply
      if (text[at] == '*' || text[at] == '+' || text[at] == '?') {
        if (text[at++] != '?') atom = std::min(atom + open_repeat_size, most);
        continue;
      }
      auto count = text[at] == '{' ? read_count(text, at) : std::nullopt;
      if (!count) break;
      atom = std::min(atom * *count, most);
    }
    open.back() = std::min(open.back() + atom, most);
  }
  long all = 0;
  for (auto size : open) all = std::min(all + size, most);
  return all;
}

}  // namespace usher::classifier
