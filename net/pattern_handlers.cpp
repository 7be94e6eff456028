// The classifier's patterns, and how right it has been.
#include <algorithm>
#include <array>

#include "domain/json_writer.hpp"
#include "net/base64url.hpp"
#include "net/body_fields.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/settings_tools.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::desk_pattern;
using domain::desk_settings;
using domain::errc;
using domain::error;
using domain::result;

namespace {

using record_page = domain::page<std::string>;

constexpr std::array<std::string_view, 5> names{"action", "category", "language", "limit", "cursor"};
constexpr double weight_max = 10;
constexpr std::size_t id_characters_max = 80;
constexpr std::size_t pattern_characters_max = 600;
constexpr std::array<std::string_view, 4> languages{"en", "es", "fr", "any"};

/// Without the prefix that the library writes before signals; empty for a category.
std::string_view urgency_of(const desk_pattern& p) {
  std::string_view meaning = p.meaning;
  return meaning.starts_with(domain::urgency_meaning) ? meaning.substr(domain::urgency_meaning.size()) : "";
}

void encode_pattern(std::string& out, const desk_pattern& p) {
  domain::json_writer w(out);
  auto urgency = urgency_of(p);
  auto or_null = [](std::string_view text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  };
  w.begin_object();
  w.member("id", p.id);
  w.member("category", urgency.empty() ? std::optional<std::string_view>(p.meaning) : std::nullopt);
  w.member("urgency", or_null(urgency));
  w.member("pattern", p.expression);
  w.key("weight");
  w.value(static_cast<double>(p.weight));
  w.member("language", p.language);
  w.member("enabled", p.enabled);
  w.member("origin", domain::to_word(p.origin));
  w.member("version", p.version);
  w.end_object();
}

void read_meaning(body_fields& in, bool is_new, desk_pattern& out) {
  const auto category = in.take_text("category", 1, 64);
  const auto urgency = in.take_text("urgency", 1, 64);
  if (category && urgency) return in.add("urgency", "can't be given beside a category");
  if (category) out.meaning = *category;
  if (urgency) out.meaning = std::string(domain::urgency_meaning) + *urgency;
  if (!category && !urgency && is_new) in.missing("category");
}

/// Into `out`, which holds what stays when it is not named.
result<desk_pattern> decode_pattern(const json_value& body, desk_pattern out, bool is_new) {
  std::vector<domain::field_error> wrong;
  body_fields in(body, "", wrong);
  if (is_new) {
    auto id = in.take_text("id", 1, id_characters_max);
    out.id = id ? std::move(*id) : "desk." + domain::to_string(domain::new_uuid_v7());
  }
  read_meaning(in, is_new, out);
  if (auto pattern = in.take_text("pattern", 1, pattern_characters_max, is_new)) out.expression = std::move(*pattern);
  if (auto language = in.take_text("language", 1, 8)) {
    if (std::ranges::find(languages, *language) == languages.end()) in.add("language", "has to be en, es, fr or any");
    out.language = std::move(*language);
  }
  if (const auto* weight = in.take("weight")) {
    double value = weight->integral ? static_cast<double>(weight->integer) : weight->number;
    if (weight->type != json_type::number || !(value >= -weight_max && value <= weight_max))
      in.add("weight", "has to be a number from -10 to 10");
    out.weight = static_cast<float>(value);
  }
  if (const auto* enabled = in.take("enabled")) {
    if (enabled->type != json_type::boolean) in.add("enabled", "has to be true or false");
    out.enabled = enabled->truth;
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

void save_pattern(const request& in, services& with, responder to, desk_pattern what, bool is_new) {
  auto id = what.id;
  change_settings(
      in, with, std::move(to),
      [what = std::move(what), is_new](const desk_settings& now) { return domain::put_pattern(now, what, is_new); },
      is_new ? 201 : 200,
      [id](std::string& out, const desk_settings& now) {
        if (auto found = now.patterns->find(id); found != now.patterns->end()) encode_pattern(out, found->second);
      },
      is_new ? "/api/support/ai/patterns/" + id : std::string());
}

void list_patterns(const request& in, services& with, responder to) {
  auto page = read_page_query(in);
  if (!page) return refuse(std::move(to), page.error());
  std::string after;
  if (!decode_base64url(page->cursor, after)) return to.fail(error(errc::bad_cursor));
  const auto* category = in.find_parameter("category");
  const auto* language = in.find_parameter("language");
  const auto library = with.desk().settings()->patterns;
  record_page out;
  std::string last;
  for (auto at = library->upper_bound(after); at != library->end(); ++at) {
    const auto& p = at->second;
    if (p.origin == domain::pattern_origin::removed) continue;
    if ((category != nullptr && p.meaning != *category) || (language != nullptr && p.language != *language)) continue;
    if (out.data.size() == static_cast<std::size_t>(page->limit)) {
      out.next_cursor = encode_base64url(last);
      break;
    }
    encode_pattern(out.data.emplace_back(), p);
    last = p.id;
  }
  auto answer = to.make(200);
  add_next_link(answer, in, out.next_cursor);
  encode_records(answer.body, out);
  to.send(std::move(answer));
}

void show_stats(const request& in, services& with, responder to) {
  domain::record_query query;
  query.kind = domain::record_kind::classification_stats;
  query.limit = 1;
  with.desk().records(std::move(query), *in.caller,
                      domain::completion<record_page>([to = std::move(to)](result<record_page> found) mutable {
                        if (!found) return to.fail(found.error());
                        send_text(std::move(to), found->data.empty() ? "{}" : std::move(found->data.front()));
                      }));
}

}  // namespace

std::span<const std::string_view> classifier_parameters() noexcept { return names; }

void show_classifier(const request& in, services& with, responder to) {
  const auto* action = in.find_parameter("action");
  if (action != nullptr && *action == "patterns") return list_patterns(in, with, std::move(to));
  if (action != nullptr && *action == "stats") return show_stats(in, with, std::move(to));
  refuse(std::move(to), {400, "bad_parameter", "action has to be patterns or stats", {}, false, {}});
}

void create_pattern(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_pattern(*body, {}, true);
  if (!decoded) return to.fail(decoded.error());
  save_pattern(in, with, std::move(to), std::move(*decoded), true);
}

void put_pattern(const request& in, services& with, responder to) {
  const auto library = with.desk().settings()->patterns;
  const auto found = library->find(in.path_parameters[0]);
  if (found == library->end()) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_pattern(*body, found->second, false);
  if (!decoded) return to.fail(decoded.error());
  save_pattern(in, with, std::move(to), std::move(*decoded), false);
}

void delete_pattern(const request& in, services& with, responder to) {
  change_settings(
      in, with, std::move(to),
      [id = std::string(in.path_parameters[0])](const desk_settings& now) { return domain::remove_pattern(now, id); },
      204, nullptr, {});
}

}  // namespace usher::net
