#include "domain/api_key_change.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

/// As PostgreSQL reads bytes.
std::string to_hex(const api_key_hash& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\x";
  for (const auto byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string row_of(const api_key& what) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", what.id);
  w.member("organization_id", what.organization.value_or(organization_id{}));
  w.member("name", std::string_view(what.name));
  w.member("prefix", std::string_view(what.prefix));
  w.member("key_hash", std::string_view(to_hex(what.hash)));
  w.member("role", to_word(what.role));
  w.key("scopes");
  w.begin_array();
  for (const auto each : what.scopes) w.value(to_word(each));
  w.end_array();
  w.member("created_at", what.created_at);
  w.member("created_by", std::string_view(what.created_by));
  w.member("expires_at", what.expires_at);
  w.end_object();
  return out;
}

/// The settings with another table of keys.
settings_change made(const desk_settings& now, api_key_table keys, const api_key& what, std::string row,
                     std::string action) {
  auto next = now;
  next.api_keys = std::make_shared<const api_key_table>(std::move(keys));
  return {std::move(next), settings_table::api_keys, to_string(what.id),
          std::move(row),  std::move(action),        what.organization};
}

}  // namespace

result<settings_change> add_api_key(const desk_settings& now, api_key what) {
  auto keys = *now.api_keys;
  const auto same_owner = [&](const auto& each) { return each.second->organization == what.organization; };
  if (std::ranges::count_if(keys, same_owner) >= static_cast<std::ptrdiff_t>(api_keys_max))
    return fail(errc::conflict, "there are " + std::to_string(api_keys_max) + " keys already");
  auto row = row_of(what);
  const auto added = std::make_shared<const api_key>(std::move(what));
  keys.emplace(added->hash, added);
  return made(now, std::move(keys), *added, std::move(row), "api_key.created");
}

result<settings_change> remove_api_key(const desk_settings& now, const api_key_id& id) {
  const auto what = find_api_key(*now.api_keys, id);
  if (!what) return fail(errc::not_found);
  auto keys = *now.api_keys;
  keys.erase(what->hash);
  return made(now, std::move(keys), *what, {}, "api_key.revoked");
}

}  // namespace usher::domain
