#include "domain/pattern_library.hpp"

#include <array>

#include "domain/json_writer.hpp"
#include "domain/settings_change.hpp"
#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

using namespace std::string_view_literals;

constexpr std::array origin_words{"shipped"sv, "edited"sv, "removed"sv, "desk"sv};

settings_change changed(const desk_settings& now, pattern_library next, std::string id, std::string row,
                        std::string action) {
  settings_change out{now, settings_table::patterns, std::move(id), std::move(row), std::move(action)};
  out.next.patterns = std::make_shared<const pattern_library>(std::move(next));
  return out;
}

bool is_shown(const desk_pattern& p) { return p.origin != pattern_origin::removed; }

}  // namespace

std::string_view to_word(pattern_origin o) noexcept { return origin_words[static_cast<std::size_t>(o)]; }

std::optional<pattern_origin> parse_pattern_origin(std::string_view word) noexcept {
  return find_word<pattern_origin>(origin_words, word);
}

std::string pattern_row(const desk_pattern& p) {
  std::string row;
  json_writer w(row);
  w.begin_object();
  w.member("id", p.id);
  w.member("meaning", p.meaning);
  w.member("language", p.language);
  w.member("pattern", p.expression);
  w.key("weight");
  w.value(static_cast<double>(p.weight));
  w.member("enabled", p.enabled);
  w.member("origin", to_word(p.origin));
  w.member("version", p.version);
  w.end_object();
  return row;
}

result<settings_change> put_pattern(const desk_settings& now, desk_pattern what, bool is_new) {
  auto known = now.patterns->find(what.id);
  bool there = known != now.patterns->end();
  if (is_new && there && is_shown(known->second)) return fail(errc::conflict, "there is a pattern of this id");
  if (!is_new && !(there && is_shown(known->second))) return fail(errc::not_found);
  if (!there && now.patterns->size() >= patterns_kept_max)
    return fail_field("/id", "there are " + std::to_string(patterns_kept_max) + " patterns, which is the most");
  if (!what.meaning.starts_with(urgency_meaning) && now.find_category(what.meaning) == nullptr)
    return fail_field("/category", "there is no such category");
  bool ours = !there || known->second.origin == pattern_origin::desk;
  what.origin = ours ? pattern_origin::desk : pattern_origin::edited;
  what.version = there ? known->second.version + 1 : 1;
  auto next = *now.patterns;
  auto id = what.id;
  auto row = pattern_row(what);
  next.insert_or_assign(id, std::move(what));
  return changed(now, std::move(next), std::move(id), std::move(row), is_new ? "pattern.created" : "pattern.changed");
}

result<settings_change> remove_pattern(const desk_settings& now, std::string_view id) {
  auto known = now.patterns->find(id);
  if (known == now.patterns->end() || !is_shown(known->second)) return fail(errc::not_found);
  auto next = *now.patterns;
  auto& here = next.find(id)->second;
  std::string row;
  if (here.origin == pattern_origin::desk) {
    next.erase(std::string(id));
  } else {
    // A new program would bring it back, did the desk not remember that it is unwanted.
    here.origin = pattern_origin::removed;
    ++here.version;
    row = pattern_row(here);
  }
  return changed(now, std::move(next), std::string(id), std::move(row), "pattern.removed");
}

}  // namespace usher::domain
