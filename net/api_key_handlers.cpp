// Keys of machines: made, listed, revoked.
#include <algorithm>

#include "domain/api_key_change.hpp"
#include "net/api_key_json.hpp"
#include "net/api_key_text.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/settings_tools.hpp"

namespace usher::net {

using domain::api_key;
using domain::api_key_id;
using domain::desk_settings;
using domain::errc;
using domain::error;
using domain::result;

namespace {

/// Who is narrowed to an organization has to do with its keys only.
bool may_see(const domain::caller& who, const api_key& what) {
  return !who.organization || what.organization == who.organization;
}

/// The key of the path; null, and the request answered with 404, when there is none.
std::shared_ptr<const api_key> key_of(const request& in, services& with, responder& to) {
  const auto id = api_key_id::parse(in.path_parameters[0]);
  auto found = id ? find_api_key(*with.desk().settings()->api_keys, *id) : nullptr;
  if (found && may_see(*in.caller, *found)) return found;
  to.fail(error(errc::not_found));
  return nullptr;
}

settings_view view_of(const api_key_id& id, std::optional<std::string> text) {
  return [id, text = std::move(text)](std::string& out, const desk_settings& now) {
    if (const auto found = find_api_key(*now.api_keys, id)) encode_api_key(out, *found, text);
  };
}

void save_new(const request& in, services& with, responder to, api_key what) {
  auto made = make_api_key();
  what.id = api_key_id::generate();
  what.prefix = std::move(made.prefix);
  what.hash = made.hash;
  what.created_at = with.now();
  what.created_by = in.caller->sub;
  const auto id = what.id;
  // What is kept for a repeated request is without the key: only its hash is stored, anywhere.
  change_settings(
      in, with, std::move(to), [what = std::move(what)](const desk_settings& now) { return add_api_key(now, what); },
      201, view_of(id, std::move(made.text)), "/api/support/api-keys/" + to_string(id), view_of(id, {}));
}

/// Whether the caller may hand out what the new key could do.
result<void> allow(const domain::caller& by, api_key& what) {
  if (domain::is_api_key(by)) return domain::fail(errc::forbidden, "a key makes no keys");
  if (what.role > by.role) return domain::fail(errc::forbidden, "the key's role may not be above yours");
  if (by.organization) {
    if (what.organization && what.organization != by.organization)
      return domain::fail(errc::forbidden, "the key has to be of your organization");
    what.organization = by.organization;
  }
  if (what.role == domain::role::requester && !what.organization)
    return domain::fail_field("/organization_id", "is required for a requester's key");
  return {};
}

}  // namespace

void list_api_keys(const request& in, services& with, responder to) {
  const auto keys = with.desk().settings()->api_keys;
  std::vector<std::shared_ptr<const api_key>> shown;
  for (const auto& [hash, each] : *keys)
    if (may_see(*in.caller, *each)) shown.push_back(each);
  std::ranges::sort(shown, {}, [](const auto& each) { return each->id; });
  std::vector<std::string> out;
  for (const auto& each : shown) encode_api_key(out.emplace_back(), *each, {});
  send_texts(std::move(to), std::move(out));
}

void get_api_key(const request& in, services& with, responder to) {
  if (const auto found = key_of(in, with, to)) {
    std::string out;
    encode_api_key(out, *found, {});
    send_text(std::move(to), std::move(out));
  }
}

void create_api_key(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto fresh = decode_new_api_key(*body, with.now());
  if (!fresh) return to.fail(fresh.error());
  if (auto may = allow(*in.caller, *fresh); !may) return to.fail(may.error());
  const auto owner = fresh->organization;
  when_owner_is_known(with, std::move(to), owner, [&with, fresh = std::move(*fresh)](responder back) mutable {
    const auto& asked = back.in();
    save_new(asked, with, std::move(back), std::move(fresh));
  });
}

void delete_api_key(const request& in, services& with, responder to) {
  const auto found = key_of(in, with, to);
  if (!found) return;
  change_settings(in, with, std::move(to),
                  [id = found->id](const desk_settings& now) { return remove_api_key(now, id); }, 204, nullptr, {});
}

}  // namespace usher::net
