// The knowledge base: texts of the desk for everyone. Drafts are for staff.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/settings_change.hpp"

namespace usher::domain {

using article_id = id<struct article_tag>;

inline constexpr std::size_t article_title_characters_max = 200;
inline constexpr std::size_t article_body_characters_max = 50'000;

struct kb_article {
  article_id id;
  std::string title;
  std::string body;
  std::string language = "en";  ///< of the text; a language tag
  std::optional<std::string> category;
  std::vector<std::string> tags;
  bool published = false;
  std::int64_t version = 0;  ///< 0: not stored yet
  instant created_at{};
  instant updated_at{};
};

/// Absent members stay as they are.
struct article_edit {
  std::optional<std::string> title;
  std::optional<std::string> body;
  std::optional<std::string> language;
  std::optional<std::optional<std::string>> category;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> published;
};

/// The article as the store showed it; nothing when the text is not one.
[[nodiscard]] std::optional<kb_article> parse_article(std::string_view json);
/// The next version of it.
[[nodiscard]] kb_article edited(kb_article what, const article_edit& edit, instant now);
/// As the contract spells it, and as the store keeps it.
[[nodiscard]] std::string to_json(const kb_article& what);

/// Creates or replaces; the settings stay as they are. `invalid` for a category that there isn't.
[[nodiscard]] result<settings_change> put_article(const desk_settings& now, const kb_article& what);
[[nodiscard]] settings_change remove_article(const desk_settings& now, const article_id& id);

}  // namespace usher::domain
