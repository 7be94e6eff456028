#include "classifier/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "classifier/embedded.hpp"
#include "domain/word_table.hpp"

namespace usher::classifier {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, signal_count> signal_words{
    "today"sv, "soon"sv,     "tomorrow"sv, "missing"sv, "failing"sv,   "waiting"sv,  "distress"sv, "hypothetical"sv,
    "past"sv,  "resolved"sv, "calm"sv,     "distant"sv, "gratitude"sv, "cosmetic"sv, "question"sv, "elsewhere"sv};

constexpr std::array languages{"en"sv, "es"sv, "fr"sv, "any"sv};
constexpr std::size_t code_bytes_max = 40;

bool is_code(std::string_view word) noexcept {
  return !word.empty() && word.size() <= code_bytes_max &&
         std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= pattern_id_bytes_max && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// Cuts the next tab-separated field off `line`.
std::string_view next_field(std::string_view& line) noexcept {
  auto end = std::min(line.find('\t'), line.size());
  auto field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

}  // namespace

std::string_view to_word(signal s) noexcept { return signal_words[static_cast<std::size_t>(s)]; }

std::optional<signal> parse_signal(std::string_view word) noexcept {
  return domain::find_word<signal>(signal_words, word);
}

domain::result<void> check_pattern_fields(const pattern& p) {
  if (!is_id(p.id))
    return domain::fail_field("/id", "an id is 1 to 80 small letters, digits, dots, dashes and underscores");
  if (p.meaning.starts_with(urgency_prefix)) {
    if (!parse_signal(std::string_view(p.meaning).substr(urgency_prefix.size())))
      return domain::fail_field("/meaning", "there is no urgency signal '" + p.meaning + "'");
  } else if (!is_code(p.meaning)) {
    return domain::fail_field("/meaning", "a meaning is a category's code, or 'urgency.' and a signal");
  }
  if (!std::isfinite(p.weight) || std::abs(p.weight) > pattern_weight_max)
    return domain::fail_field("/weight", "a weight is a number from -10 to 10");
  if (std::ranges::find(languages, p.language) == languages.end())
    return domain::fail_field("/language", "a language is en, es, fr or any");
  if (p.regex.empty() || p.regex.size() > pattern_regex_bytes_max)
    return domain::fail_field("/regex", "an expression has 1 to 600 bytes");
  return {};
}

std::string_view concept_of(const pattern& p) noexcept {
  std::string_view id = p.id;
  for (auto language : languages)
    if (id.size() > language.size() + 1 && id.ends_with(language) && id[id.size() - language.size() - 1] == '.')
      return id.substr(0, id.size() - language.size() - 1);
  return id;
}

domain::result<std::vector<pattern>> parse_patterns(std::string_view text) {
  std::vector<pattern> all;
  for (int number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto where = "line " + std::to_string(number) + ": ";
    auto name = next_field(line);
    pattern one;
    one.meaning = next_field(line);
    auto weight = next_field(line);
    one.language = next_field(line);
    one.id = std::string(name) + "." + one.language;
    if (line.empty()) return domain::fail(domain::errc::invalid, where + "five fields are needed");
    one.regex = "\\b(?:" + std::string(line) + ")\\b";
    auto [stop, problem] = std::from_chars(weight.data(), weight.data() + weight.size(), one.weight);
    if (problem != std::errc() || stop != weight.data() + weight.size())
      return domain::fail(domain::errc::invalid, where + "the weight is no number");
    if (auto sound = check_pattern_fields(one); !sound)
      return domain::fail(domain::errc::invalid, where + sound.error().detail);
    all.push_back(std::move(one));
  }
  return all;
}

const std::vector<pattern>& shipped_patterns() {
  static const std::vector<pattern> all = [] {
    auto read = parse_patterns(embedded_patterns());
    if (!read) throw std::logic_error("the pattern library: " + read.error().detail);
    return std::move(*read);
  }();
  return all;
}

}  // namespace usher::classifier
