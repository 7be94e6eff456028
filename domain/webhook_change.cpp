#include "domain/webhook_change.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

/// As PostgreSQL reads bytes.
std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\x";
  for (char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

enum class rotation { none, add, end };

std::string row_of(const webhook_endpoint& what, std::string_view secret, rotation how) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", what.id);
  w.member("organization_id", what.organization.value_or(organization_id{}));
  w.member("url", std::string_view(what.url));
  w.key("events");
  w.begin_array();
  for (const auto& each : what.events) w.value(each);
  w.end_array();
  w.member("created_at", what.created_at);
  w.member("created_by", std::string_view(what.created_by));
  w.member("disabled_at", what.disabled_at);
  if (what.disabled) w.member("disabled_reason", std::string_view(what.disabled_reason));
  w.member("version", what.version);
  if (!secret.empty()) {
    w.key("secrets");
    w.begin_array();
    w.value(to_hex(secret));
    w.end_array();
  }
  if (how != rotation::none) w.member("rotation", how == rotation::add ? "add" : "end");
  w.end_object();
  return out;
}

settings_change made(desk_settings next, const webhook_endpoint& what, std::string row, std::string action) {
  return {std::move(next), settings_table::webhooks, to_string(what.id),
          std::move(row),  std::move(action),        what.organization};
}

/// The endpoint of the next settings, its version raised; null when there is none.
webhook_endpoint* touch(desk_settings& next, const webhook_id& id) {
  auto found = std::ranges::find(next.webhooks, id, &webhook_endpoint::id);
  if (found == next.webhooks.end()) return nullptr;
  ++found->version;
  return &*found;
}

}  // namespace

result<settings_change> add_webhook(const desk_settings& now, const webhook_endpoint& what, std::string_view secret) {
  if (std::ranges::count(now.webhooks, what.organization, &webhook_endpoint::organization) >=
      static_cast<std::ptrdiff_t>(webhooks_max))
    return fail(errc::conflict, "there are " + std::to_string(webhooks_max) + " endpoints already");
  auto next = now;
  auto row = row_of(what, secret, rotation::none);
  next.webhooks.push_back(what);
  return made(std::move(next), what, std::move(row), "webhook.created");
}

result<settings_change> change_webhook(const desk_settings& now, const webhook_id& id, const webhook_edit& edit,
                                       instant at) {
  auto next = now;
  auto* what = touch(next, id);
  if (what == nullptr) return fail(errc::not_found);
  if (edit.url) what->url = *edit.url;
  if (edit.events) what->events = *edit.events;
  if (edit.enabled && *edit.enabled == what->disabled) {
    what->disabled = !*edit.enabled;
    what->disabled_at = what->disabled ? std::optional(at) : std::nullopt;
    what->disabled_reason = what->disabled ? edit.disabled_reason : std::string();
  }
  auto copy = *what;
  return made(std::move(next), copy, row_of(copy, {}, rotation::none),
              edit.enabled == false ? "webhook.disabled" : "webhook.changed");
}

result<settings_change> add_webhook_secret(const desk_settings& now, const webhook_id& id, std::string_view secret) {
  auto next = now;
  auto* what = touch(next, id);
  if (what == nullptr) return fail(errc::not_found);
  if (what->secrets >= webhook_secrets_max)
    return fail(errc::conflict, "there are " + std::to_string(what->secrets) + " secrets already; drop the old ones");
  ++what->secrets;
  auto copy = *what;
  return made(std::move(next), copy, row_of(copy, secret, rotation::add), "webhook.secret_added");
}

result<settings_change> drop_webhook_secrets(const desk_settings& now, const webhook_id& id) {
  auto next = now;
  auto* what = touch(next, id);
  if (what == nullptr) return fail(errc::not_found);
  what->secrets = 1;
  auto copy = *what;
  return made(std::move(next), copy, row_of(copy, {}, rotation::end), "webhook.secrets_dropped");
}

result<settings_change> remove_webhook(const desk_settings& now, const webhook_id& id) {
  const auto* what = now.find_webhook(id);
  if (what == nullptr) return fail(errc::not_found);
  auto copy = *what;
  auto next = now;
  std::erase_if(next.webhooks, [&](const auto& each) { return each.id == id; });
  return made(std::move(next), copy, {}, "webhook.removed");
}

}  // namespace usher::domain
