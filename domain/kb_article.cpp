#include "domain/kb_article.hpp"

#include <charconv>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

std::vector<std::string> texts_of(std::string_view array) {
  std::vector<std::string> out;
  for (auto element : json_elements(array))
    if (auto text = json_string(element)) out.push_back(std::move(*text));
  return out;
}

}  // namespace

std::string to_json(const kb_article& a) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", a.id);
  w.member("title", a.title);
  w.member("body", a.body);
  w.member("language", a.language);
  w.member("category", a.category);
  w.key("tags");
  w.begin_array();
  for (const auto& tag : a.tags) w.value(tag);
  w.end_array();
  w.member("published", a.published);
  w.member("version", a.version);
  w.member("created_at", a.created_at);
  w.member("updated_at", a.updated_at);
  w.end_object();
  return out;
}

std::optional<kb_article> parse_article(std::string_view json) {
  kb_article out;
  for (const auto& [name, value] : json_members(json)) {
    if (name == "id") {
      auto id = article_id::parse(json_string(value).value_or(""));
      if (!id) return std::nullopt;
      out.id = *id;
    }
    if (name == "title") out.title = json_string(value).value_or("");
    if (name == "body") out.body = json_string(value).value_or("");
    if (name == "language") out.language = json_string(value).value_or("");
    if (name == "category") out.category = json_string(value);
    if (name == "tags") out.tags = texts_of(value);
    if (name == "published") out.published = value == "true";
    if (name == "created_at") out.created_at = parse_rfc3339(json_string(value).value_or("")).value_or(instant{});
    if (name == "version") std::from_chars(value.data(), value.data() + value.size(), out.version);
  }
  if (out.version == 0) return std::nullopt;
  return out;
}

kb_article edited(kb_article what, const article_edit& edit, instant now) {
  ++what.version;
  if (what.version == 1) what.created_at = now;
  what.updated_at = now;
  if (edit.title) what.title = *edit.title;
  if (edit.body) what.body = *edit.body;
  if (edit.language) what.language = *edit.language;
  if (edit.category) what.category = *edit.category;
  if (edit.tags) what.tags = *edit.tags;
  if (edit.published) what.published = *edit.published;
  return what;
}

result<settings_change> put_article(const desk_settings& now, const kb_article& what) {
  if (what.category && !now.categories.contains(*what.category))
    return fail_field("/category", "is not a category of the desk");
  return settings_change{now, settings_table::kb_articles, to_string(what.id), to_json(what),
                         what.version == 1 ? "article.created" : "article.changed"};
}

settings_change remove_article(const desk_settings& now, const article_id& id) {
  return {now, settings_table::kb_articles, to_string(id), {}, "article.removed"};
}

}  // namespace usher::domain
