#include "domain/settings_change.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

using errors = std::vector<field_error>;

constexpr std::array<std::string_view, 6> recipient_words{"assignee",   "supervisors", "managers",
                                                          "executives", "specialists", "emergency_channel"};
constexpr std::array<std::string_view, 4> channel_words{"log", "webhook", "email", "sms"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::unexpected<error> refuse(errors wrong) {
  std::string detail = wrong.front().pointer + " " + wrong.front().detail;
  return std::unexpected(error(errc::invalid, std::move(detail), std::move(wrong)));
}

void write_texts(json_writer& w, std::string_view name, const std::vector<std::string>& texts) {
  w.key(name);
  w.begin_array();
  for (const auto& each : texts) w.value(each);
  w.end_array();
}

settings_change finish(desk_settings next, settings_table table, std::string key, std::string row, std::string action) {
  next.compile();
  return {std::move(next), table, std::move(key), std::move(row), std::move(action)};
}

errors check_rule(const desk_settings& now, const escalation_rule& rule) {
  errors wrong;
  if (rule.level == emergency_level && rule.percent) wrong.push_back({"/percent", "has to be null for level 999"});
  if (rule.level != emergency_level && !rule.percent) wrong.push_back({"/percent", "is needed for this level"});
  if (rule.percent && (*rule.percent < 1 || *rule.percent > 1000))
    wrong.push_back({"/percent", "has to be from 1 to 1000"});
  for (const auto& other : now.rules) {
    if (!rule.percent || !other.percent || other.level == rule.level) continue;
    bool rises = other.level < rule.level ? *other.percent < *rule.percent : *other.percent > *rule.percent;
    if (!rises)
      wrong.push_back({"/percent", "has to rise with the level: level " + std::to_string(other.level) + " is at " +
                                       std::to_string(*other.percent)});
  }
  for (std::size_t i = 0; i < rule.recipients.size(); ++i) {
    const auto& word = rule.recipients[i];
    if (!is_one_of(recipient_words, word) && !now.agents.contains(word))
      wrong.push_back({"/recipients/" + std::to_string(i), "is neither a known word nor an agent's id"});
  }
  for (std::size_t i = 0; i < rule.channels.size(); ++i)
    if (!is_one_of(channel_words, rule.channels[i]))
      wrong.push_back({"/channels/" + std::to_string(i), "has to be log, webhook, email or sms"});
  if (rule.acknowledge_within < milliseconds{1000} || rule.acknowledge_within > std::chrono::hours(24 * 7))
    wrong.push_back({"/ack_seconds", "has to be from 1 second to 7 days"});
  return wrong;
}

std::string row_of(const escalation_rule& rule) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("level", rule.level);
  w.member("percent", rule.percent);
  write_texts(w, "recipients", rule.recipients);
  w.member("ack_seconds", std::chrono::ceil<std::chrono::seconds>(rule.acknowledge_within).count());
  w.member("reassign", rule.reassign);
  write_texts(w, "channels", rule.channels);
  w.member("version", rule.version);
  w.end_object();
  return out;
}

std::string row_of(const agent& a) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", a.id);
  w.member("name", a.name);
  if (!a.email.empty()) w.member("email", a.email);
  if (!a.phone.empty()) w.member("phone", a.phone);
  w.member("role", to_word(a.role));
  w.key("skills");
  w.begin_array();
  for (const auto& s : a.skills) {
    w.begin_object();
    w.member("skill", s.skill);
    w.member("level", s.level);
    w.end_object();
  }
  w.end_array();
  write_texts(w, "languages", a.languages);
  w.member("capacity", a.capacity);
  w.member("calendar_id", a.calendar);
  w.key("organizations");
  w.begin_array();
  for (const auto& id : a.organizations) w.value(id);
  w.end_array();
  w.member("wedding_specialist", a.wedding_specialist);
  w.member("presence", to_word(a.presence));
  w.member("version", a.version);
  w.end_object();
  return out;
}

}  // namespace

result<settings_change> change_policy(const desk_settings& now, tier t, priority p, const policy_edit& edit) {
  auto next = now;
  auto& policy = next.policies[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)];
  if (edit.first_response) policy.targets.first_response = *edit.first_response;
  if (edit.next_response) policy.targets.next_response = *edit.next_response;
  if (edit.resolution) policy.targets.resolution = *edit.resolution;
  if (edit.calendar) policy.calendar = *edit.calendar;
  if (policy.calendar && !now.calendars.contains(*policy.calendar))
    return fail_field("/calendar_id", "there is no such calendar");
  ++policy.version;
  auto ms = [](const std::optional<milliseconds>& m) { return m ? std::optional(m->count()) : std::nullopt; };
  std::string row;
  json_writer w(row);
  w.begin_object();
  w.member("tier", to_word(t));
  w.member("priority", to_word(p));
  w.member("first_response_ms", ms(policy.targets.first_response));
  w.member("next_response_ms", ms(policy.targets.next_response));
  w.member("resolution_ms", ms(policy.targets.resolution));
  w.member("calendar_id", policy.calendar);
  w.member("version", policy.version);
  w.end_object();
  auto key = std::string(to_word(t)) + "/" + std::string(to_word(p));
  return finish(std::move(next), settings_table::policies, std::move(key), std::move(row), "policy.changed");
}

result<settings_change> change_rule(const desk_settings& now, int level, const rule_edit& edit) {
  if (!is_level(level)) return fail(errc::not_found);
  auto next = now;
  auto& rule = next.rules[level_index(level)];
  if (edit.percent) rule.percent = *edit.percent;
  if (edit.recipients) rule.recipients = *edit.recipients;
  if (edit.acknowledge_within) rule.acknowledge_within = *edit.acknowledge_within;
  if (edit.reassign) rule.reassign = *edit.reassign;
  if (edit.channels) rule.channels = *edit.channels;
  if (auto wrong = check_rule(now, rule); !wrong.empty()) return refuse(std::move(wrong));
  ++rule.version;
  auto row = row_of(rule);
  return finish(std::move(next), settings_table::rules, std::to_string(level), std::move(row), "rule.changed");
}

result<settings_change> put_calendar(const desk_settings& now, calendar_rules rules) {
  auto known = now.calendars.find(rules.id);
  bool is_new = known == now.calendars.end();
  rules.version = is_new ? 1 : known->second->rules().version + 1;
  for (const auto& [id, other] : now.calendars)
    if (id != rules.id && other->rules().name == rules.name) return fail_field("/name", "is another calendar's");
  auto made = calendar::make(std::move(rules));
  if (!made) return std::unexpected(std::move(made.error()));
  auto next = now;
  auto id = made->rules().id;
  auto row = to_json(made->rules());
  next.calendars[id] = std::make_shared<const calendar>(std::move(*made));
  return finish(std::move(next), settings_table::calendars, to_string(id), std::move(row),
                is_new ? "calendar.created" : "calendar.changed");
}

result<settings_change> remove_calendar(const desk_settings& now, const calendar_id& id) {
  if (!now.calendars.contains(id)) return fail(errc::not_found);
  for (const auto& of_tier : now.policies)
    for (const auto& policy : of_tier)
      if (policy.calendar == id) return fail(errc::conflict, "a policy goes by this calendar");
  for (const auto& [key, a] : now.agents)
    if (a.calendar == id) return fail(errc::conflict, "an agent goes by this calendar");
  auto next = now;
  next.calendars.erase(id);
  return finish(std::move(next), settings_table::calendars, to_string(id), {}, "calendar.removed");
}

result<settings_change> put_agent(const desk_settings& now, agent what) {
  if (what.calendar && !now.calendars.contains(*what.calendar))
    return fail_field("/calendar_id", "there is no such calendar");
  auto known = now.agents.find(what.id);
  bool is_new = known == now.agents.end();
  what.version = is_new ? 1 : known->second.version + 1;
  auto next = now;
  auto row = row_of(what);
  auto id = what.id;
  next.agents[id] = std::move(what);
  return finish(std::move(next), settings_table::agents, std::move(id), std::move(row),
                is_new ? "agent.created" : "agent.changed");
}

result<settings_change> put_category(const desk_settings& now, desk_category what) {
  auto known = now.categories.find(what.code);
  bool is_new = known == now.categories.end();
  what.version = is_new ? 1 : known->second.version + 1;
  std::string row;
  json_writer w(row);
  w.begin_object();
  w.member("code", what.code);
  w.member("default_priority", to_word(what.default_priority));
  w.member("threatens_day", what.threatens_day);
  write_texts(w, "skills", what.skills);
  w.member("retired_at", what.retired ? std::optional<std::string_view>("now") : std::nullopt);
  w.member("version", what.version);
  w.end_object();
  auto next = now;
  auto code = what.code;
  next.categories[code] = std::move(what);
  return finish(std::move(next), settings_table::categories, std::move(code), std::move(row),
                is_new ? "category.created" : "category.changed");
}

}  // namespace usher::domain
