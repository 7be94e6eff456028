// The knowledge base. Customers read what is published, agents everything; supervisors write.
#include <algorithm>

#include "domain/kb_article.hpp"
#include "net/body_fields.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/settings_tools.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::article_id;
using domain::errc;
using domain::error;
using domain::kb_article;
using domain::result;

namespace {

using record_page = domain::page<std::string>;

constexpr std::size_t language_bytes_max = 16;
constexpr std::size_t tags_max = 20;

bool is_language(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return text.size() >= 2 && text.size() <= language_bytes_max && std::ranges::all_of(text, allowed) &&
         text.front() != '-' && text.back() != '-';
}

void read_tags(const json_value& value, body_fields& in, std::vector<std::string>& out) {
  if (value.type != json_type::array) return in.add("tags", "has to be a list of strings");
  std::size_t index = 0;
  for (const auto& element : value) {
    const bool fits = element.type == json_type::string && !element.text.empty() &&
                      count_characters(element.text) <= domain::tag_characters_max;
    if (!fits) in.add_at("tags", index, "has to be a string of 1 to 40 characters");
    if (fits && std::ranges::find(out, element.text) == out.end()) out.emplace_back(element.text);
    ++index;
  }
  if (index > tags_max) in.add("tags", "has more than 20 elements");
}

result<domain::article_edit> decode_article(const json_value& body, bool is_new) {
  std::vector<domain::field_error> wrong;
  body_fields in(body, "", wrong);
  domain::article_edit out;
  out.title = in.take_text("title", 1, domain::article_title_characters_max, is_new);
  out.body = in.take_text("body", 1, domain::article_body_characters_max, is_new);
  out.language = in.take_text("language", 0, language_bytes_max);
  if (out.language && !is_language(*out.language)) in.add("language", "has to be a language tag such as en or pt-BR");
  if (const auto* category = in.take("category")) {
    if (category->type == json_type::null)
      out.category.emplace();
    else if (category->type == json_type::string)
      out.category.emplace(std::string(category->text));
    else
      in.add("category", "has to be the code of a category, or null");
  }
  if (const auto* tags = in.take("tags")) read_tags(*tags, in, out.tags.emplace());
  if (const auto* published = in.take("published")) {
    if (published->type != json_type::boolean) in.add("published", "has to be true or false");
    out.published = published->truth;
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

bool sees_drafts(const domain::caller& who) { return who.role > domain::role::requester; }

/// The question for one article, as the caller may see it.
domain::record_query one_article(const article_id& id, const domain::caller& who) {
  domain::record_query out;
  out.kind = domain::record_kind::kb_articles;
  out.parent = id.value;
  out.limit = 1;
  if (!sees_drafts(who)) out.filters.push_back({"published", {"true"}});
  return out;
}

/// Calls `next` with the article's text, or answers with 404.
template <class Next>
void with_article(const request& in, services& with, responder to, Next next) {
  const auto id = article_id::parse(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  with.desk().records(
      one_article(*id, *in.caller), *in.caller,
      domain::completion<record_page>([to = std::move(to), next = std::move(next)](result<record_page> found) mutable {
        if (!found) return to.fail(found.error());
        if (found->data.empty()) return to.fail(error(errc::not_found));
        next(std::move(found->data.front()), std::move(to));
      }));
}

void save_article(const request& in, services& with, responder to, const kb_article& what, int status) {
  auto location = status == 201 ? "/api/support/kb/articles/" + to_string(what.id) : std::string();
  change_settings(
      in, with, std::move(to), [what](const domain::desk_settings& now) { return domain::put_article(now, what); },
      status, [what](std::string& out, const domain::desk_settings&) { out += to_json(what); }, std::move(location));
}

void send_page(responder to, const record_page& page) {
  auto out = to.make(200);
  add_next_link(out, to.in(), page.next_cursor);
  encode_records(out.body, page);
  to.send(std::move(out));
}

}  // namespace

void list_articles(const request& in, services& with, responder to) {
  auto query = read_article_query(in, sees_drafts(*in.caller));
  if (!query) return refuse(std::move(to), query.error());
  with.desk().records(std::move(*query), *in.caller,
                      domain::completion<record_page>([to = std::move(to)](result<record_page> found) mutable {
                        if (!found) return to.fail(found.error());
                        send_page(std::move(to), *found);
                      }));
}

void search_articles(const request& in, services& with, responder to) {
  auto query = read_article_search(in, sees_drafts(*in.caller));
  if (!query) return refuse(std::move(to), query.error());
  with.desk().records(std::move(*query), *in.caller,
                      domain::completion<record_page>([to = std::move(to)](result<record_page> found) mutable {
                        if (!found) return to.fail(found.error());
                        found->next_cursor.clear();
                        send_page(std::move(to), *found);
                      }));
}

void get_article(const request& in, services& with, responder to) {
  with_article(in, with, std::move(to),
               [](std::string text, responder back) { send_text(std::move(back), std::move(text)); });
}

void create_article(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_article(*body, true);
  if (!decoded) return to.fail(decoded.error());
  kb_article fresh;
  fresh.id = article_id::generate();
  save_article(in, with, std::move(to), domain::edited(std::move(fresh), *decoded, with.now()), 201);
}

void put_article(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_article(*body, false);
  if (!decoded) return to.fail(decoded.error());
  with_article(in, with, std::move(to), [&with, edit = std::move(*decoded)](const std::string& text, responder back) {
    auto before = domain::parse_article(text);
    if (!before) return back.fail(error(errc::internal));
    const auto& request_in = back.in();
    save_article(request_in, with, std::move(back), domain::edited(std::move(*before), edit, with.now()), 200);
  });
}

void delete_article(const request& in, services& with, responder to) {
  with_article(in, with, std::move(to), [&with](const std::string& text, responder back) {
    const auto before = domain::parse_article(text);
    if (!before) return back.fail(error(errc::internal));
    const auto& request_in = back.in();
    change_settings(request_in, with, std::move(back),
                    [id = before->id](const domain::desk_settings& now) -> result<domain::settings_change> {
                      return domain::remove_article(now, id);
                    },
                    204, nullptr, {});
  });
}

}  // namespace usher::net
