#include <algorithm>
#include <regex>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "classifier/classifier.hpp"
#include "classifier/expression_parts.hpp"
#include "classifier/pattern_set.hpp"
#include "classifier/pattern_size.hpp"
#include "classifier/text.hpp"
#include "classifier/word_trie.hpp"

using namespace usher::classifier;

namespace {

pattern about(std::string id, std::string regex, std::string meaning = "rsvp") {
  return {std::move(id), std::move(meaning), 1, "any", std::move(regex), true};
}

std::set<std::string> ids_in(const pattern_set& set, std::string_view text) {
  match_space space;
  std::vector<pattern_hit> hits;
  set.match(text, space, hits);
  std::set<std::string> ids;
  for (const auto& hit : hits) ids.insert(set.patterns()[hit.index].id);
  return ids;
}

}  // namespace

TEST_CASE("patterns: an alternation is taken apart into the texts that it spells", "[patterns]") {
  auto parts = take_apart(R"(\b(?:r\.?s\.?v|repl(?:y|ies)|[ab]c?|x\w*|\d+ days)\b)");
  std::set<std::string> closed;
  std::set<std::string> open;
  for (const auto& one : parts.literals) (one.open_end ? open : closed).insert(one.text);
  CHECK(closed == std::set<std::string>{"rsv", "r.sv", "rs.v", "r.s.v", "reply", "replies", "a", "b", "ac", "bc"});
  CHECK(open == std::set<std::string>{"x"});
  CHECK(parts.expressions == std::vector<std::string>{R"(\b(?:\d+ days)\b)"});
}

TEST_CASE("patterns: what is not of that form stays whole", "[patterns]") {
  for (const char* form : {"abc", R"(\b(?:a)|(?:b)\b)", R"(\b(?:a(b)\b)", R"(\b(?:[a)\b)", R"(\b(?:)\b)"}) {
    INFO(form);
    auto parts = take_apart(form);
    CHECK(parts.literals.empty());
    CHECK(parts.expressions == std::vector<std::string>{form});
  }
}

TEST_CASE("patterns: phrases taken apart match what the expression matches", "[patterns]") {
  const std::vector<std::string> expressions{R"(\b(?:guest lists?|list of (?:guests|people)|invit(?:e|es|ations?))\b)",
                                             R"(\b(?:cancel\w*|no[- ]?shows?)\b)",
                                             R"(\b(?:won't (?:load|open)|down)\b)"};
  const std::vector<std::string> texts{"our guest list is down",
                                       "guest listing",
                                       "a list of people, down.",
                                       "invitation invitational",
                                       "cancelled no-shows",
                                       "no shower",
                                       "won't open",
                                       "xwon't load won't loads",
                                       "down_under",
                                       "downs",
                                       ""};
  for (const auto& expression : expressions) {
    auto set = pattern_set::compile({about("one", expression)});
    REQUIRE(set);
    for (const auto& text : texts) {
      INFO(expression << " in " << text);
      CHECK(ids_in(**set, text).contains("one") == std::regex_search(text, std::regex(expression)));
    }
  }
}

TEST_CASE("patterns: a bad or hostile expression is refused with its reason", "[patterns]") {
  for (const char* regex : {"(", "a{2,5000}", "(?=a)b", R"((a)\1)", "a*", "[z-a]", R"(\b(?:ok|a()\b)"}) {
    INFO(regex);
    auto refused = validate_pattern(about("x", regex));
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().detail.empty());
  }
  CHECK(validate_pattern(about("x", R"((?:a+)+b|\bno\s+show)")));
}

TEST_CASE("patterns: the size of an expression counts its repeats written out", "[patterns]") {
  CHECK(pattern_size("") == 0);
  CHECK(pattern_size("abc") == 3);
  CHECK(pattern_size("a(?:bc){2,5}d?") == 1 + 5 * 2 + 1);
  CHECK(pattern_size("(?:(?:a{3}|b){4}){5}") == 5 * 4 * (3 + 1));
  CHECK(pattern_size("[a-z]{7}") == 7);
  CHECK(pattern_size("[]{9}]\\{9}") == 1 + 3);  // braces that count nothing
  CHECK(pattern_size("a.*b") > pattern_size("a.b"));
  CHECK(pattern_size("a{1000}{1000}{1000}") == pattern_size_counted_max);
  for (const char* broken : {"(((", ")))", "a{", "a{,}", "[", "[^", "\\", "(?"}) CHECK(pattern_size(broken) >= 0);
}

TEST_CASE("patterns: an expression that would take long to compile is refused before it is compiled", "[patterns]") {
  std::string heavy;
  for (int i = 0; i < 60; ++i) {
    heavy += i == 0 ? "" : "|";
    heavy += std::string(1, static_cast<char>('a' + i % 26)) + ".*" +
             std::string(1, static_cast<char>('a' + i * 7 % 26)) + ".+z";
  }
  auto refused = validate_pattern(about("heavy", "\\b(?:" + heavy + ")\\b"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fields.at(0).pointer == "/regex");
  CHECK(refused.error().fields.at(0).detail.contains("size"));
  // As many plain phrases cost nothing.
  CHECK(validate_pattern(about("phrases", "\\b(?:(?:one|two|three|four) (?:five|six|seven) (?:eight|nine|ten))\\b")));

  std::vector<pattern> many;
  for (int i = 0; i < 200; ++i)
    many.push_back(about("p" + std::to_string(i), "x" + std::to_string(i) + "(?:[a-f] ){1,30}y"));
  auto together = pattern_set::compile(many);
  REQUIRE_FALSE(together);
  CHECK(together.error().fields.at(0).detail.contains("together"));
}

TEST_CASE("patterns: the shipped library is sound, and every category and signal has some in three languages",
          "[patterns]") {
  const auto& all = shipped_patterns();
  REQUIRE(pattern_set::compile(all));
  for (const char* language : {"en", "es", "fr"}) {
    std::set<std::string> meanings;
    for (const auto& p : all)
      if (p.language == language) meanings.insert(p.meaning);
    for (const auto& category : usher::domain::default_categories())
      CHECK(meanings.contains(std::string(category.code)));
    for (std::size_t s = 0; s < signal_count; ++s)
      CHECK(meanings.contains(std::string(urgency_prefix) + std::string(to_word(static_cast<signal>(s)))));
  }
}

TEST_CASE("patterns: a trie tells of every phrase at a place", "[patterns]") {
  word_trie trie;
  trie.add("no", false, 1);
  trie.add("no show", false, 2);
  trie.add("SHOW", true, 3);
  for (std::uint32_t i = 0; i < 5'000; ++i) trie.add("word" + std::to_string(i), false, 100 + i);
  std::string_view text = "no showing word4711";
  auto boundary = [&](std::size_t at) { return at >= text.size() || text[at] == ' '; };
  std::multiset<std::uint32_t> owners;
  for (std::size_t at : {0U, 3U, 11U})
    trie.match_at(text, at, boundary, [&](std::uint32_t owner, std::size_t) { owners.insert(owner); });
  CHECK(owners == std::multiset<std::uint32_t>{1, 3, 100 + 4711});
}
