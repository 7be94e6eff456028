#include "net/webhook_json.hpp"

#include <algorithm>

#include "domain/desk_event.hpp"
#include "domain/json_writer.hpp"
#include "net/body_fields.hpp"

namespace usher::net {

using domain::result;

namespace {

using errors = std::vector<domain::field_error>;

constexpr std::size_t url_characters_max = 2048;

/// The reason as the end of a sentence of ours.
std::string reason_of(const domain::error& why) {
  auto text = why.detail;
  if (text.ends_with('.')) text.pop_back();
  return "can't be used: " + text;
}

std::optional<std::string> take_url(body_fields& in, const domain::webhook_guard& guard, bool required) {
  auto url = in.take_text("url", 1, url_characters_max, required);
  if (!url) return std::nullopt;
  if (auto fits = guard.check_url(*url); !fits) in.add("url", reason_of(fits.error()));
  return url;
}

/// Names of events, each once.
std::optional<std::vector<std::string>> take_events(body_fields& in) {
  const auto* member = in.take("events");
  if (member == nullptr) return std::nullopt;
  std::vector<std::string> out;
  if (member->type != json_type::array) {
    in.add("events", "has to be an array of names of events");
    return std::nullopt;
  }
  std::size_t index = 0;
  for (const auto& name : *member) {
    if (name.type != json_type::string || !domain::parse_event_type(name.text))
      in.add_at("events", index, "is not the name of an event");
    else if (std::ranges::find(out, name.text) == out.end())
      out.emplace_back(name.text);
    ++index;
  }
  return out;
}

/// The caller's secret as text, or nothing.
std::optional<std::string> take_secret(body_fields& in, const domain::webhook_guard& guard) {
  auto text = in.take_text("secret", 1, 128);
  if (!text) return std::nullopt;
  if (auto bytes = guard.parse_secret(*text); !bytes) in.add("secret", reason_of(bytes.error()));
  return text;
}

std::optional<domain::organization_id> take_organization(body_fields& in) {
  const auto* member = in.take("organization_id");
  if (member == nullptr || member->type == json_type::null) return std::nullopt;
  auto id = member->type == json_type::string ? domain::organization_id::parse(member->text) : std::nullopt;
  if (!id || id->is_nil()) in.add("organization_id", "has to be the id of an organization, or null");
  return id;
}

}  // namespace

result<new_webhook> decode_new_webhook(const json_value& body, const domain::webhook_guard& guard) {
  errors wrong;
  body_fields in(body, "", wrong);
  new_webhook out;
  out.endpoint.url = take_url(in, guard, true).value_or("");
  out.endpoint.events = take_events(in).value_or(std::vector<std::string>());
  out.endpoint.organization = take_organization(in);
  auto secret = take_secret(in, guard);
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  out.secret_text = secret ? std::move(*secret) : guard.new_secret();
  out.secret = guard.parse_secret(out.secret_text).value();
  return out;
}

result<domain::webhook_edit> decode_webhook_edit(const json_value& body, const domain::webhook_guard& guard) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::webhook_edit out;
  out.url = take_url(in, guard, false);
  out.events = take_events(in);
  if (const auto* member = in.take("enabled"); member != nullptr) {
    if (member->type == json_type::boolean)
      out.enabled = member->truth;
    else
      in.add("enabled", "has to be true or false");
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  if (out.enabled == false) out.disabled_reason = "by hand";
  return out;
}

result<std::string> decode_webhook_secret(const json_value& body, const domain::webhook_guard& guard) {
  errors wrong;
  body_fields in(body, "", wrong);
  auto secret = take_secret(in, guard);
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return secret ? std::move(*secret) : guard.new_secret();
}

void encode_webhook(std::string& out, const domain::webhook_endpoint& what, const std::optional<std::string>& secret) {
  domain::json_writer w(out);
  w.begin_object();
  w.member("id", what.id);
  w.member("organization_id", what.organization);
  w.member("url", std::string_view(what.url));
  w.key("events");
  w.begin_array();
  for (const auto& each : what.events) w.value(each);
  w.end_array();
  w.member("enabled", !what.disabled);
  w.member("disabled_at", what.disabled_at);
  w.member("disabled_reason", what.disabled ? std::optional(std::string_view(what.disabled_reason)) : std::nullopt);
  w.member("secrets", what.secrets);
  w.member("created_at", what.created_at);
  w.member("created_by", std::string_view(what.created_by));
  w.member("version", what.version);
  if (secret) w.member("secret", std::string_view(*secret));
  w.end_object();
}

}  // namespace usher::net
