#include "net/api_key_json.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"
#include "net/body_fields.hpp"

namespace usher::net {

using domain::result;

namespace {

using errors = std::vector<domain::field_error>;

constexpr std::size_t name_characters_max = 100;

/// Each once; nothing when the body names none.
std::optional<std::vector<domain::key_scope>> take_scopes(body_fields& in) {
  const auto* member = in.take("scopes");
  if (member == nullptr) return std::nullopt;
  std::vector<domain::key_scope> out;
  if (member->type != json_type::array || member->span == 1) {
    in.add("scopes", "has to be an array of one scope or more");
    return out;
  }
  std::size_t index = 0;
  for (const auto& each : *member) {
    const auto scope = each.type == json_type::string ? domain::parse_key_scope(each.text) : std::nullopt;
    if (!scope)
      in.add_at("scopes", index, "has to be tickets:read, tickets:write, read or write");
    else if (std::ranges::find(out, *scope) == out.end())
      out.push_back(*scope);
    ++index;
  }
  return out;
}

std::optional<domain::organization_id> take_organization(body_fields& in) {
  const auto* member = in.take("organization_id");
  if (member == nullptr || member->type == json_type::null) return std::nullopt;
  auto id = member->type == json_type::string ? domain::organization_id::parse(member->text) : std::nullopt;
  if (!id || id->is_nil()) in.add("organization_id", "has to be the id of an organization, or null");
  return id;
}

std::optional<domain::instant> take_end(body_fields& in, domain::instant now) {
  const auto* member = in.take("expires_at");
  if (member == nullptr || member->type == json_type::null) return std::nullopt;
  auto at = member->type == json_type::string ? domain::parse_rfc3339(member->text) : std::nullopt;
  if (!at || *at <= now || *at >= domain::latest_instant)
    in.add("expires_at", "has to be an RFC 3339 date-time in the future, or null");
  return at;
}

}  // namespace

result<domain::api_key> decode_new_api_key(const json_value& body, domain::instant now) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::api_key out;
  out.name = in.take_text("name", 1, name_characters_max, true).value_or("");
  out.role = in.take_word<domain::role>("role", domain::parse_role, true).value_or(domain::role::requester);
  out.organization = take_organization(in);
  out.scopes = take_scopes(in).value_or(std::vector{domain::key_scope::write});
  out.expires_at = take_end(in, now);
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

void encode_api_key(std::string& out, const domain::api_key& what, const std::optional<std::string>& text) {
  domain::json_writer w(out);
  w.begin_object();
  w.member("id", what.id);
  w.member("name", std::string_view(what.name));
  w.member("prefix", std::string_view(what.prefix));
  w.member("role", to_word(what.role));
  w.member("organization_id", what.organization);
  w.key("scopes");
  w.begin_array();
  for (const auto each : what.scopes) w.value(to_word(each));
  w.end_array();
  w.member("expires_at", what.expires_at);
  w.member("created_at", what.created_at);
  w.member("created_by", std::string_view(what.created_by));
  w.member("last_used_at", what.used->last());
  if (text) w.member("key", std::string_view(*text));
  w.end_object();
}

}  // namespace usher::net
