#include "classifier/pattern_set.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <unordered_set>

#include "classifier/classifier.hpp"
#include "classifier/expression_parts.hpp"
#include "classifier/pattern_size.hpp"
#include "classifier/text.hpp"
#include "classifier/word_trie.hpp"

namespace usher::classifier {

namespace {

/// Frees what Vectorscan allocated.
struct hs_deleter {
  void operator()(hs_database_t* database) const noexcept { hs_free_database(database); }
  void operator()(hs_compile_error_t* error) const noexcept { hs_free_compile_error(error); }
  void operator()(hs_scratch_t* scratch) const noexcept { hs_free_scratch(scratch); }
};
using database_ptr = std::unique_ptr<hs_database_t, hs_deleter>;
using compile_error_ptr = std::unique_ptr<hs_compile_error_t, hs_deleter>;
using scratch_ptr = std::unique_ptr<hs_scratch_t, hs_deleter>;

bool means_urgency(const pattern& p) noexcept { return p.meaning.starts_with(urgency_prefix); }

constexpr unsigned compile_flags = HS_FLAG_CASELESS | HS_FLAG_DOTALL;

/// The expression as it meets plain text: accents are gone there, so they go here.
std::string plain_expression(const std::string& regex) {
  std::string out;
  for (std::size_t from = 0; from < regex.size();) {
    auto to = from;
    while (to < regex.size() && static_cast<unsigned char>(regex[to]) >= 0x80) ++to;
    if (to > from) append_plain(out, std::string_view(regex).substr(from, to - from));
    if (to < regex.size()) out += regex[to++];
    from = to;
  }
  return out;
}

/// What the counted repeats of an expression come to when each stands inside the next; Vectorscan spends memory and
/// time of compilation in proportion to it.
long repeats_in(std::string_view regex) noexcept {
  constexpr long enough = 1'000'000;
  long product = 1;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '\\') {
      ++i;
      continue;
    }
    if (regex[i] != '{') continue;
    long largest = 1;
    long number = 0;
    for (++i; i < regex.size() && regex[i] != '}'; ++i) {
      bool digit = std::isdigit(static_cast<unsigned char>(regex[i])) != 0;
      number = digit ? std::min(number * 10 + (regex[i] - '0'), enough) : 0;
      largest = std::max(largest, number);
    }
    product = std::min(product * largest, enough);
  }
  return product;
}

domain::result<void> check_part(const std::string& expression) {
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* raw = nullptr;
  auto status = hs_expression_info(expression.c_str(), compile_flags, &info, &raw);
  compile_error_ptr problem(raw);
  if (status != HS_SUCCESS) return domain::fail_field("/regex", problem ? problem->message : "it can't be compiled");
  bool empty = info->min_width == 0;
  std::free(info);  // NOLINT: Vectorscan's default allocator is malloc
  if (empty) return domain::fail_field("/regex", "it matches the empty text");
  return {};
}

/// Plain phrases, which are taken apart, cost the compiler nothing and do not count.
long size_of(const std::vector<std::string>& expressions) {
  long all = 0;
  for (const auto& one : expressions) all += pattern_size(one);
  return all;
}

domain::result<expression_parts> parts_of(const pattern& p) {
  if (repeats_in(p.regex) > pattern_repeats_max)
    return domain::fail_field(
        "/regex", "counted repeats come to " + std::to_string(pattern_repeats_max) + " at most, multiplied");
  auto parts = take_apart(plain_expression(p.regex));
  if (auto size = size_of(parts.expressions); size > pattern_size_max)
    return domain::fail_field("/regex", "its size is " + std::to_string(size) + ", with its repeats written out, of " +
                                            std::to_string(pattern_size_max) + " at most");
  for (const auto& expression : parts.expressions)
    if (auto sound = check_part(expression); !sound) return std::unexpected(sound.error());
  return parts;
}

/// What only Vectorscan can find, and of which pattern each is.
struct wanted_expressions {
  std::vector<std::string> texts;
  std::vector<unsigned> owners;
};

domain::result<database_ptr> compile_expressions(const wanted_expressions& wanted,
                                                 const std::vector<pattern>& patterns) {
  if (wanted.texts.empty()) return database_ptr{};
  std::vector<const char*> texts;
  for (const auto& text : wanted.texts) texts.push_back(text.c_str());
  std::vector<unsigned> flags(texts.size(), compile_flags);
  hs_database_t* built = nullptr;
  hs_compile_error_t* raw = nullptr;
  auto status = hs_compile_multi(texts.data(), flags.data(), wanted.owners.data(), static_cast<unsigned>(texts.size()),
                                 HS_MODE_BLOCK, nullptr, &built, &raw);
  compile_error_ptr problem(raw);
  if (status == HS_SUCCESS) return database_ptr(built);
  std::string why = problem ? problem->message : "the patterns can't be compiled";
  if (problem && problem->expression >= 0)
    why = patterns[wanted.owners[static_cast<std::size_t>(problem->expression)]].id + ": " + why;
  return domain::fail_field("/regex", why);
}

constexpr bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether a word begins or ends at `at`, as `\b` has it.
bool is_boundary(std::string_view text, std::size_t at) noexcept {
  bool before = at > 0 && is_word(text[at - 1]);
  bool after = at < text.size() && is_word(text[at]);
  return before != after;
}

}  // namespace

struct match_space::scratch {
  scratch_ptr held;
  std::vector<std::uint32_t> seen_in;  ///< the text in which a pattern was seen last
  std::uint32_t text = 0;
};

match_space::match_space() : scratch_(std::make_unique<scratch>()) {}
match_space::~match_space() = default;
match_space::match_space(match_space&&) noexcept = default;
match_space& match_space::operator=(match_space&&) noexcept = default;

struct pattern_set::database {
  word_trie literals;
  database_ptr expressions;
  std::vector<bool> repeated;  ///< whether a pattern is reported again
};

pattern_set::pattern_set(std::vector<pattern> patterns, std::unique_ptr<database> compiled)
    : patterns_(std::move(patterns)), compiled_(std::move(compiled)) {}

pattern_set::~pattern_set() = default;

domain::result<std::shared_ptr<const pattern_set>> pattern_set::compile(std::vector<pattern> patterns) {
  if (patterns.size() > patterns_max)
    return domain::fail(domain::errc::invalid, "there are at most " + std::to_string(patterns_max) + " patterns");
  std::erase_if(patterns, [](const pattern& p) { return !p.enabled; });
  std::unordered_set<std::string_view> ids;
  wanted_expressions wanted;
  auto compiled = std::make_unique<database>();
  for (const auto& p : patterns) {
    if (!ids.insert(p.id).second) return domain::fail_field("/id", "the id '" + p.id + "' occurs twice");
    if (auto sound = check_pattern_fields(p); !sound) return std::unexpected(sound.error());
    auto parts = parts_of(p);
    if (!parts) {
      auto error = parts.error();
      error.detail = p.id + ": " + error.detail;
      return std::unexpected(error);
    }
    auto owner = static_cast<unsigned>(compiled->repeated.size());
    for (const auto& one : parts->literals) compiled->literals.add(one.text, one.open_end, owner);
    for (auto& one : parts->expressions) wanted.texts.push_back(std::move(one)), wanted.owners.push_back(owner);
    compiled->repeated.push_back(means_urgency(p));
  }
  if (auto size = size_of(wanted.texts); size > pattern_set_size_max)
    return domain::fail_field("/regex", "all patterns together would have a size of " + std::to_string(size) + ", of " +
                                            std::to_string(pattern_set_size_max) + " at most");
  auto expressions = compile_expressions(wanted, patterns);
  if (!expressions) return std::unexpected(expressions.error());
  compiled->expressions = std::move(*expressions);
  return std::shared_ptr<const pattern_set>(new pattern_set(std::move(patterns), std::move(compiled)));
}

void pattern_set::match(std::string_view text, match_space& space, std::vector<pattern_hit>& hits) const {
  hits.clear();
  if (text.empty()) return;
  auto& own = *space.scratch_;
  if (own.seen_in.size() < patterns_.size()) own.seen_in.resize(patterns_.size());
  if (++own.text == 0) std::ranges::fill(own.seen_in, 0U), own.text = 1;

  struct search {
    const database& in;
    match_space::scratch& own;
    std::string_view text;
    std::vector<pattern_hit>& hits;

    int take(std::uint32_t owner, unsigned long long end) const {
      if (own.seen_in[owner] == own.text && !in.repeated[owner]) return 0;
      if (hits.size() >= hits_max) return 1;
      own.seen_in[owner] = own.text;
      hits.push_back({owner, static_cast<std::uint32_t>(end)});
      return 0;
    }
  } now{*compiled_, own, text, hits};

  bool full = false;
  auto on_boundary = [&](std::size_t at) { return is_boundary(text, at); };
  auto on_literal = [&](std::uint32_t owner, std::size_t end) { full = now.take(owner, end) != 0 || full; };
  for (std::size_t at = 0; at < text.size() && !full; ++at)
    if (is_boundary(text, at)) compiled_->literals.match_at(text, at, on_boundary, on_literal);
  if (compiled_->expressions) {
    // Costs nothing when the scratch is large enough for this set already.
    hs_scratch_t* scratch = own.held.release();
    auto grown = hs_alloc_scratch(compiled_->expressions.get(), &scratch);
    own.held.reset(scratch);
    if (grown != HS_SUCCESS) throw std::bad_alloc();
    auto on_expression = [](unsigned id, unsigned long long, unsigned long long end, unsigned, void* context) {
      return static_cast<const search*>(context)->take(id, end);
    };
    auto status = hs_scan(compiled_->expressions.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch,
                          on_expression, &now);
    if (status != HS_SUCCESS && status != HS_SCAN_TERMINATED)
      throw std::runtime_error("Vectorscan could not scan a text");
  }
  std::ranges::stable_sort(hits, {}, &pattern_hit::end);
}

domain::result<void> validate_pattern(const pattern& p) {
  if (auto sound = check_pattern_fields(p); !sound) return sound;
  pattern alone = p;
  alone.enabled = true;
  auto compiled = pattern_set::compile({alone});
  if (!compiled) return std::unexpected(compiled.error());
  return {};
}

}  // namespace usher::classifier
