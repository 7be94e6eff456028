#include "classifier/pattern_set.hpp"

#include <hs/hs.h>

#include <cctype>
#include <stdexcept>
#include <unordered_set>

#include "classifier/classifier.hpp"
#include "classifier/text.hpp"

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

unsigned flags_of(const pattern& p) noexcept {
  unsigned flags = HS_FLAG_CASELESS | HS_FLAG_DOTALL;
  return means_urgency(p) ? flags : flags | HS_FLAG_SINGLEMATCH;
}

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

/// The largest number in a counted repeat; Vectorscan spends memory in proportion to it.
int largest_repeat(std::string_view regex) noexcept {
  int largest = 0;
  int number = -1;
  bool inside = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    char c = regex[i];
    if (c == '\\') {
      ++i;
      continue;
    }
    if (c == '{') inside = true, number = 0;
    if (inside && std::isdigit(static_cast<unsigned char>(c)) != 0)
      number = std::min(number * 10 + (c - '0'), 1'000'000), largest = std::max(largest, number);
    else if (inside && c == ',')
      number = 0;
    if (c == '}') inside = false;
  }
  return largest;
}

domain::result<void> check_expression(const pattern& p) {
  if (largest_repeat(p.regex) > pattern_repeat_max)
    return domain::fail_field("/regex", "a counted repeat goes to " + std::to_string(pattern_repeat_max) + " at most");
  auto expression = plain_expression(p.regex);
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* raw = nullptr;
  auto status = hs_expression_info(expression.c_str(), flags_of(p), &info, &raw);
  compile_error_ptr problem(raw);
  if (status != HS_SUCCESS) return domain::fail_field("/regex", problem ? problem->message : "it can't be compiled");
  bool empty = info->min_width == 0;
  std::free(info);  // NOLINT: Vectorscan's default allocator is malloc
  if (empty) return domain::fail_field("/regex", "it matches the empty text");
  return {};
}

domain::result<database_ptr> compile_all(const std::vector<pattern>& patterns) {
  std::vector<std::string> texts;
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  texts.reserve(patterns.size());
  for (const auto& p : patterns) {
    texts.push_back(plain_expression(p.regex));
    expressions.push_back(texts.back().c_str());
    flags.push_back(flags_of(p));
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* raw = nullptr;
  auto status = hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(patterns.size()),
                                 HS_MODE_BLOCK, nullptr, &database, &raw);
  compile_error_ptr problem(raw);
  if (status == HS_SUCCESS) return database_ptr(database);
  std::string why = problem ? problem->message : "the patterns can't be compiled";
  if (problem && problem->expression >= 0)
    why = patterns[static_cast<std::size_t>(problem->expression)].id + ": " + why;
  return domain::fail_field("/regex", why);
}

}  // namespace

struct match_space::scratch {
  scratch_ptr held;
};

match_space::match_space() : scratch_(std::make_unique<scratch>()) {}
match_space::~match_space() = default;
match_space::match_space(match_space&&) noexcept = default;
match_space& match_space::operator=(match_space&&) noexcept = default;

struct pattern_set::database {
  database_ptr held;
  scratch_ptr prototype;  ///< tells a thread's scratch what size this set needs
};

pattern_set::pattern_set(std::vector<pattern> patterns, std::unique_ptr<database> compiled)
    : patterns_(std::move(patterns)), compiled_(std::move(compiled)) {}

pattern_set::~pattern_set() = default;

domain::result<std::shared_ptr<const pattern_set>> pattern_set::compile(std::vector<pattern> patterns) {
  if (patterns.size() > patterns_max)
    return domain::fail(domain::errc::invalid, "there are at most " + std::to_string(patterns_max) + " patterns");
  std::erase_if(patterns, [](const pattern& p) { return !p.enabled; });
  std::unordered_set<std::string_view> ids;
  for (const auto& p : patterns) {
    if (!ids.insert(p.id).second) return domain::fail_field("/id", "the id '" + p.id + "' occurs twice");
    if (auto sound = check_pattern_fields(p); !sound) return std::unexpected(sound.error());
    if (auto sound = check_expression(p); !sound) {
      auto error = sound.error();
      error.detail = p.id + ": " + error.detail;
      return std::unexpected(error);
    }
  }
  auto compiled = std::make_unique<database>();
  if (!patterns.empty()) {
    auto built = compile_all(patterns);
    if (!built) return std::unexpected(built.error());
    compiled->held = std::move(*built);
  }
  return std::shared_ptr<const pattern_set>(new pattern_set(std::move(patterns), std::move(compiled)));
}

void pattern_set::match(std::string_view text, match_space& space, std::vector<pattern_hit>& hits) const {
  hits.clear();
  if (!compiled_->held || text.empty()) return;
  // Costs nothing when the scratch is large enough for this set already.
  hs_scratch_t* scratch = space.scratch_->held.release();
  auto grown = hs_alloc_scratch(compiled_->held.get(), &scratch);
  space.scratch_->held.reset(scratch);
  if (grown != HS_SUCCESS) throw std::bad_alloc();
  auto on_hit = [](unsigned id, unsigned long long, unsigned long long end, unsigned, void* context) {
    auto& found = *static_cast<std::vector<pattern_hit>*>(context);
    if (found.size() >= hits_max) return 1;
    found.push_back({id, static_cast<std::uint32_t>(end)});
    return 0;
  };
  auto status =
      hs_scan(compiled_->held.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_hit, &hits);
  if (status != HS_SUCCESS && status != HS_SCAN_TERMINATED)
    throw std::runtime_error("Vectorscan could not scan a text");
}

domain::result<void> validate_pattern(const pattern& p) {
  if (auto sound = check_pattern_fields(p); !sound) return sound;
  if (auto sound = check_expression(p); !sound) return sound;
  pattern alone = p;
  alone.enabled = true;
  auto compiled = compile_all({alone});
  if (!compiled) return std::unexpected(compiled.error());
  return {};
}

}  // namespace usher::classifier
