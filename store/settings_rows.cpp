#include "store/settings_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/json_members.hpp"
#include "store/ticket_rows.hpp"

namespace usher::store {

namespace {

template <class T>
T known(std::optional<T> value, std::string_view text) {
  if (value) return *value;
  throw unknown_word("the settings have a word that this program doesn't know: " + std::string(text));
}

std::optional<domain::milliseconds> target_at(const rows& from, int row, int column) {
  if (from.is_null(row, column)) return std::nullopt;
  return domain::milliseconds(from.int8(row, column));
}

template <class Id>
std::optional<Id> id_at(const rows& from, int row, int column) {
  if (from.is_null(row, column)) return std::nullopt;
  return Id{from.uuid(row, column)};
}

void read_calendars(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT id, json_build_object('id', id, 'name', name, 'time_zone', time_zone, 'weekly', weekly, 'holidays', "
          "to_json(holidays), 'version', version)::text FROM usher.sla_calendars");
  for (int row = 0; row < all.size(); ++row) {
    auto calendar = domain::calendar_from_json(all.bytes(row, 1));
    if (!calendar) throw unknown_word("a calendar can't be read: " + calendar.error().detail);
    out.calendars[{all.uuid(row, 0)}] = std::make_shared<const domain::calendar>(std::move(*calendar));
  }
}

void read_policies(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT tier, priority, first_response_ms, next_response_ms, resolution_ms, calendar_id, version "
          "FROM usher.support_sla_configs");
  for (int row = 0; row < all.size(); ++row) {
    auto tier = known(domain::parse_tier(all.bytes(row, 0)), all.bytes(row, 0));
    auto priority = known(domain::parse_priority(all.bytes(row, 1)), all.bytes(row, 1));
    out.policies[static_cast<std::size_t>(tier)][static_cast<std::size_t>(priority)] = {
        {target_at(all, row, 2), target_at(all, row, 3), target_at(all, row, 4)},
        id_at<domain::calendar_id>(all, row, 5),
        all.int8(row, 6)};
  }
}

void read_rules(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT level, percent, recipients, ack_seconds, reassign, channels, version FROM "
          "usher.support_escalation_rules");
  for (int row = 0; row < all.size(); ++row) {
    domain::escalation_rule rule;
    rule.level = all.int4(row, 0);
    if (!all.is_null(row, 1)) rule.percent = all.int4(row, 1);
    rule.recipients = all.texts(row, 2);
    rule.acknowledge_within = std::chrono::seconds(all.int4(row, 3));
    rule.reassign = all.boolean(row, 4);
    rule.channels = all.texts(row, 5);
    rule.version = all.int8(row, 6);
    out.rules[domain::level_index(rule.level)] = std::move(rule);
  }
}

void read_categories(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT code, default_priority, threatens_day, skills, retired_at IS NOT NULL, version "
          "FROM usher.support_categories");
  for (int row = 0; row < all.size(); ++row)
    out.categories[all.text(row, 0)] = {
        all.text(row, 0),    known(domain::parse_priority(all.bytes(row, 1)), all.bytes(row, 1)),
        all.boolean(row, 2), all.texts(row, 3),
        all.boolean(row, 4), all.int8(row, 5)};
}

std::vector<domain::agent_skill> read_skills(std::string_view json) {
  std::vector<domain::agent_skill> out;
  for (auto element : domain::json_elements(json)) {
    domain::agent_skill skill;
    for (const auto& [key, value] : domain::json_members(element)) {
      if (key == "skill") skill.skill = domain::json_string(value).value_or("");
      if (key == "level") std::from_chars(value.data(), value.data() + value.size(), skill.level);
    }
    out.push_back(std::move(skill));
  }
  return out;
}

void read_agents(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT id, name, email, phone, role, skills::text, languages, capacity, calendar_id, organizations::text[], "
          "wedding_specialist, presence, version FROM usher.support_agents");
  for (int row = 0; row < all.size(); ++row) {
    domain::agent a;
    a.id = all.text(row, 0);
    a.name = all.text(row, 1);
    a.email = all.text(row, 2);
    a.phone = all.text(row, 3);
    a.role = known(domain::parse_role(all.bytes(row, 4)), all.bytes(row, 4));
    a.skills = read_skills(all.bytes(row, 5));
    a.languages = all.texts(row, 6);
    a.capacity = all.int4(row, 7);
    a.calendar = id_at<domain::calendar_id>(all, row, 8);
    for (const auto& text : all.texts(row, 9))
      if (auto id = domain::organization_id::parse(text)) a.organizations.push_back(*id);
    a.wedding_specialist = all.boolean(row, 10);
    a.presence = known(domain::parse_presence(all.bytes(row, 11)), all.bytes(row, 11));
    a.version = all.int8(row, 12);
    out.agents[a.id] = std::move(a);
  }
}

void read_webhooks(domain::desk_settings& out, const ask_rows& ask) {
  auto all = ask(
      "SELECT id, organization_id, url, events, disabled_at, disabled_reason, created_at, created_by, secret_count, "
      "version FROM usher.webhook_endpoints ORDER BY id");
  for (int row = 0; row < all.size(); ++row) {
    domain::webhook_endpoint endpoint;
    endpoint.id = {all.uuid(row, 0)};
    endpoint.url = all.text(row, 2);
    endpoint.events = all.texts(row, 3);
    endpoint.disabled_at = all.maybe_at(row, 4);
    endpoint.disabled = endpoint.disabled_at.has_value();
    endpoint.disabled_reason = all.text(row, 5);
    endpoint.created_at = all.at(row, 6);
    endpoint.created_by = all.text(row, 7);
    endpoint.secrets = all.int4(row, 8);
    endpoint.version = all.int8(row, 9);
    if (!all.uuid(row, 1).is_nil()) endpoint.organization = domain::organization_id{all.uuid(row, 1)};
    out.webhooks.push_back(std::move(endpoint));
  }
}

void read_macros(domain::desk_settings& out, const ask_rows& ask) {
  auto all = ask("SELECT id, name, changes::text, reply, version FROM usher.macros");
  for (int row = 0; row < all.size(); ++row) {
    domain::macro what{{all.uuid(row, 0)}, all.text(row, 1), all.text(row, 2), std::nullopt, all.int8(row, 4)};
    if (!all.is_null(row, 3)) what.reply = all.text(row, 3);
    out.macros[what.id] = std::move(what);
  }
}

void read_api_keys(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT id, organization_id, name, prefix, key_hash, role, scopes, expires_at, created_at, created_by "
          "FROM usher.api_keys");
  domain::api_key_table keys;
  for (int row = 0; row < all.size(); ++row) {
    domain::api_key key;
    key.id = {all.uuid(row, 0)};
    if (!all.uuid(row, 1).is_nil()) key.organization = domain::organization_id{all.uuid(row, 1)};
    key.name = all.text(row, 2);
    key.prefix = all.text(row, 3);
    const auto hash = all.bytes(row, 4);
    std::copy_n(hash.begin(), std::min(hash.size(), key.hash.size()), key.hash.begin());
    key.role = known(domain::parse_role(all.bytes(row, 5)), all.bytes(row, 5));
    for (const auto& word : all.texts(row, 6)) key.scopes.push_back(known(domain::parse_key_scope(word), word));
    key.expires_at = all.maybe_at(row, 7);
    key.created_at = all.at(row, 8);
    key.created_by = all.text(row, 9);
    const auto made = std::make_shared<const domain::api_key>(std::move(key));
    keys.emplace(made->hash, made);
  }
  out.api_keys = std::make_shared<const domain::api_key_table>(std::move(keys));
}

void read_patterns(domain::desk_settings& out, const ask_rows& ask) {
  auto all =
      ask("SELECT id, meaning, language, pattern, weight, enabled, origin, version "
          "FROM usher.ticket_classification_patterns");
  domain::pattern_library library;
  for (int row = 0; row < all.size(); ++row) {
    domain::desk_pattern p;
    p.id = all.text(row, 0);
    p.meaning = all.text(row, 1);
    p.language = all.text(row, 2);
    p.expression = all.text(row, 3);
    p.weight = all.float4(row, 4);
    p.enabled = all.boolean(row, 5);
    p.origin = known(domain::parse_pattern_origin(all.bytes(row, 6)), all.bytes(row, 6));
    p.version = all.int8(row, 7);
    library.emplace(p.id, std::move(p));
  }
  out.patterns = std::make_shared<const domain::pattern_library>(std::move(library));
}

}  // namespace

namespace {

/// A table of settings: what names a row, and the columns that a change sets.
struct settings_shape {
  std::string_view name;
  std::string_view key;       ///< the columns of the primary key
  std::string_view columns;   ///< the others
  std::string_view key_text;  ///< the key as one text
};

constexpr std::array<settings_shape, domain::settings_table_count> settings_shapes{{
    {"support_sla_configs", "tier, priority",
     "first_response_ms, next_response_ms, resolution_ms, calendar_id, version", "tier || '/' || priority"},
    {"support_escalation_rules", "level", "percent, recipients, ack_seconds, reassign, channels, version",
     "level::text"},
    {"sla_calendars", "id", "name, time_zone, weekly, holidays, version", "id::text"},
    {"support_agents", "id",
     "name, email, phone, role, skills, languages, capacity, calendar_id, organizations, wedding_specialist, presence, "
     "version",
     "id"},
    {"support_categories", "code", "default_priority, threatens_day, skills, retired_at, version", "code"},
    {"support_kb_articles", "id", "title, body, language, category, tags, published, version, created_at, updated_at",
     "id::text"},
    {"macros", "id", "name, changes, reply, version", "id::text"},
    {"webhook_endpoints", "id", "", "id::text"},
    {"ticket_classification_patterns", "id", "meaning, language, pattern, weight, enabled, origin, version", "id"},
    {"api_keys", "id", "organization_id, name, prefix, key_hash, role, scopes, created_at, created_by, expires_at",
     "id::text"},
}};

// Its secrets are in the table only: a change brings none, or the new one.
constexpr std::string_view webhook_sql =
    "INSERT INTO usher.webhook_endpoints AS w (id, organization_id, url, secrets, events, created_at, created_by, "
    "disabled_at, disabled_reason, version) SELECT r.id, r.organization_id, r.url, coalesce(r.secrets, '{}'), "
    "r.events, "
    "r.created_at, r.created_by, r.disabled_at, r.disabled_reason, r.version "
    "FROM jsonb_populate_record(NULL::usher.webhook_endpoints, $1::jsonb) r ON CONFLICT (id) DO UPDATE SET url = "
    "excluded.url, events = excluded.events, disabled_at = excluded.disabled_at, disabled_reason = "
    "excluded.disabled_reason, version = excluded.version, secrets = CASE $1::jsonb ->> 'rotation' "
    "WHEN 'add' THEN excluded.secrets || w.secrets WHEN 'end' THEN w.secrets[1:1] ELSE w.secrets END";

}  // namespace

statement settings_statement(const settings_write& what) {
  const auto& shape = settings_shapes[static_cast<std::size_t>(what.table)];
  auto table = "usher." + std::string(shape.name);
  if (what.row.empty())
    return {
        {}, "DELETE FROM " + table + " WHERE " + std::string(shape.key_text) + " = $1", parameters().text(what.key)};
  if (what.table == domain::settings_table::webhooks)
    return {{}, std::string(webhook_sql), parameters().text(what.row)};
  std::string columns = std::string(shape.key) + ", " + std::string(shape.columns);
  std::string excluded;
  std::string_view rest = shape.columns;
  while (!rest.empty()) {
    auto comma = rest.find(", ");
    excluded += (excluded.empty() ? "excluded." : ", excluded.") + std::string(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 2);
  }
  return {{},
          "INSERT INTO " + table + " (" + columns + ") SELECT " + columns +
              " FROM jsonb_populate_record(NULL::" + table + ", $1::jsonb) ON CONFLICT (" + std::string(shape.key) +
              ") DO UPDATE SET (" + std::string(shape.columns) + ") = ROW(" + excluded + ")",
          parameters().text(what.row)};
}

domain::desk_settings read_settings_from(const ask_rows& ask) {
  domain::desk_settings out;
  read_calendars(out, ask);
  read_policies(out, ask);
  read_rules(out, ask);
  read_categories(out, ask);
  read_agents(out, ask);
  read_webhooks(out, ask);
  read_api_keys(out, ask);
  read_macros(out, ask);
  read_patterns(out, ask);
  out.compile();
  return out;
}

}  // namespace usher::store
