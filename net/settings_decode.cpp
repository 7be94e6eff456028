#include <algorithm>

#include "net/body_fields.hpp"
#include "net/settings_json.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::result;

namespace {

using errors = std::vector<domain::field_error>;

constexpr std::int64_t seconds_max = std::int64_t{10} * 366 * 86'400;
constexpr std::size_t list_max = 100;

template <class T>
result<T> finish(body_fields& in, errors& wrong, T out) {
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

/// A number of seconds, or null.
std::optional<std::optional<domain::milliseconds>> take_seconds(body_fields& in, std::string_view name) {
  const auto* member = in.take(name);
  if (member == nullptr) return std::nullopt;
  if (member->type == json_type::null) return std::optional<domain::milliseconds>();
  bool fits =
      member->type == json_type::number && member->integral && member->integer >= 1 && member->integer <= seconds_max;
  if (!fits) {
    in.add(name, "has to be a whole number of seconds from 1 up, or null");
    return std::nullopt;
  }
  return std::optional(domain::milliseconds(member->integer * 1000));
}

std::optional<std::int64_t> take_number(body_fields& in, std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* member = in.take(name);
  if (member == nullptr) return std::nullopt;
  if (member->type == json_type::number && member->integral && member->integer >= least && member->integer <= most)
    return member->integer;
  in.add(name, "has to be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> take_truth(body_fields& in, std::string_view name) {
  const auto* member = in.take(name);
  if (member == nullptr) return std::nullopt;
  if (member->type == json_type::boolean) return member->truth;
  in.add(name, "has to be true or false");
  return std::nullopt;
}

std::optional<std::vector<std::string>> take_words(body_fields& in, std::string_view name) {
  const auto* member = in.take(name);
  if (member == nullptr) return std::nullopt;
  std::vector<std::string> out;
  if (member->type != json_type::array) {
    in.add(name, "has to be a list of strings");
    return std::nullopt;
  }
  std::size_t index = 0;
  for (const auto& element : *member) {
    bool fits = element.type == json_type::string && !element.text.empty() && element.text.size() <= 128;
    if (!fits) in.add_at(name, index, "has to be a string of 1 to 128 bytes");
    if (fits && std::ranges::find(out, element.text) == out.end()) out.emplace_back(element.text);
    ++index;
  }
  if (index > list_max) in.add(name, "has too many elements");
  return out;
}

std::optional<std::optional<domain::calendar_id>> take_calendar(body_fields& in) {
  const auto* member = in.take("calendar_id");
  if (member == nullptr) return std::nullopt;
  if (member->type == json_type::null) return std::optional<domain::calendar_id>();
  const auto id = member->type == json_type::string ? domain::calendar_id::parse(member->text)
                                                    : std::optional<domain::calendar_id>();
  if (id) return id;
  in.add("calendar_id", "has to be the id of a calendar, or null");
  return std::nullopt;
}

void read_day(const json_value& value, const std::string& pointer, std::vector<domain::calendar_window>& out,
              errors& wrong) {
  if (value.type != json_type::array) return wrong.push_back({pointer, "has to be a list of windows"});
  std::size_t index = 0;
  for (const auto& window : value) {
    const auto at = pointer + "/" + std::to_string(index++);
    std::vector<std::string_view> ends;
    if (window.type == json_type::array)
      for (const auto& end : window)
        if (end.type == json_type::string) ends.push_back(end.text);
    if (ends.size() != 2) {
      wrong.push_back({at, "has to be a start and an end, e.g. [\"09:00\", \"17:00\"]"});
      continue;
    }
    auto read = domain::parse_calendar_window(ends[0], ends[1], at);
    if (read)
      out.push_back(*read);
    else
      wrong.insert(wrong.end(), read.error().fields.begin(), read.error().fields.end());
  }
}

void read_weekly(const json_value& value, domain::calendar_rules& out, errors& wrong) {
  body_fields in(value, "/weekly", wrong);
  for (std::size_t day = 0; day < domain::weekday_words.size(); ++day) {
    out.weekly[day].clear();
    const auto name = domain::weekday_words[day];
    if (const auto* windows = in.take(name)) read_day(*windows, in.pointer_to(name), out.weekly[day], wrong);
  }
  in.refuse_the_rest();
}

void read_holidays(const json_value& value, body_fields& in, domain::calendar_rules& out) {
  out.holidays.clear();
  if (value.type != json_type::array) return in.add("holidays", "has to be a list of dates");
  std::size_t index = 0;
  for (const auto& element : value) {
    const auto day = element.type == json_type::string ? domain::parse_date(element.text) : std::nullopt;
    if (day)
      out.holidays.push_back(*day);
    else
      in.add_at("holidays", index, "has to be a date like 2026-12-25");
    ++index;
  }
}

void read_skills(const json_value& value, body_fields& in, errors& wrong, std::vector<domain::agent_skill>& out) {
  out.clear();
  if (value.type != json_type::array) return in.add("skills", "has to be a list");
  std::size_t index = 0;
  for (const auto& element : value) {
    body_fields each(element, in.pointer_to("skills") + "/" + std::to_string(index++), wrong);
    domain::agent_skill skill;
    skill.skill = each.take_text("skill", 1, 64, true).value_or("");
    const auto level = take_number(each, "level", 1, 5);
    skill.level = static_cast<int>(level.value_or(1));
    each.refuse_the_rest();
    out.push_back(std::move(skill));
  }
  if (index > list_max) in.add("skills", "has too many elements");
}

void read_organizations(const json_value& value, body_fields& in, std::vector<domain::organization_id>& out) {
  out.clear();
  if (value.type != json_type::array) return in.add("organizations", "has to be a list of ids");
  std::size_t index = 0;
  for (const auto& element : value) {
    const auto id = element.type == json_type::string ? domain::organization_id::parse(element.text) : std::nullopt;
    if (id)
      out.push_back(*id);
    else
      in.add_at("organizations", index, "is not the id of an organization");
    ++index;
  }
}

/// A text that null takes away.
void take_nullable(body_fields& in, std::string_view name, std::size_t most, std::string& out) {
  const auto* member = in.take(name);
  if (member == nullptr) return;
  if (member->type == json_type::null)
    out.clear();
  else if (auto text = in.take_text(name, 0, most))
    out = std::move(*text);
}

}  // namespace

result<domain::policy_edit> decode_policy(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::policy_edit out;
  out.first_response = take_seconds(in, "first_response_seconds");
  out.next_response = take_seconds(in, "next_response_seconds");
  out.resolution = take_seconds(in, "resolution_seconds");
  out.calendar = take_calendar(in);
  return finish(in, wrong, std::move(out));
}

result<domain::rule_edit> decode_rule(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::rule_edit out;
  if (const auto* percent = in.take("percent")) {
    if (percent->type == json_type::null)
      out.percent.emplace();
    else if (percent->type == json_type::number && percent->integral && percent->integer >= 1 &&
             percent->integer <= 1000)
      out.percent.emplace(static_cast<int>(percent->integer));
    else
      in.add("percent", "has to be a whole number from 1 to 1000, or null");
  }
  out.recipients = take_words(in, "recipients");
  if (auto seconds = take_number(in, "ack_seconds", 1, 7 * 86'400))
    out.acknowledge_within = std::chrono::seconds(*seconds);
  out.reassign = take_truth(in, "reassign");
  out.channels = take_words(in, "channels");
  std::ignore = take_number(in, "level", 1, 999);
  return finish(in, wrong, std::move(out));
}

result<domain::calendar_rules> decode_calendar(const json_value& body, domain::calendar_rules rules, bool is_new) {
  errors wrong;
  body_fields in(body, "", wrong);
  if (auto name = in.take_text("name", 1, domain::calendar_name_characters_max, is_new)) rules.name = std::move(*name);
  if (auto zone = in.take_text("time_zone", 1, domain::time_zone_bytes_max, is_new)) rules.time_zone = std::move(*zone);
  const auto* weekly = in.take("weekly");
  if (weekly != nullptr) read_weekly(*weekly, rules, wrong);
  if (weekly == nullptr && is_new && body.type == json_type::object) in.missing("weekly");
  if (const auto* holidays = in.take("holidays")) read_holidays(*holidays, in, rules);
  return finish(in, wrong, std::move(rules));
}

result<domain::agent> decode_agent(const json_value& body, domain::agent who, bool is_new) {
  errors wrong;
  body_fields in(body, "", wrong);
  if (auto id = in.take_text("id", 1, domain::user_id_bytes_max)) {
    if (!is_new && *id != who.id) in.add("id", "has to be the one of the path");
    who.id = std::move(*id);
  }
  if (auto name = in.take_text("name", 1, domain::name_characters_max, is_new)) who.name = std::move(*name);
  take_nullable(in, "email", domain::email_bytes_max, who.email);
  take_nullable(in, "phone", 64, who.phone);
  if (auto role = in.take_word("role", domain::parse_role)) {
    if (*role < domain::role::agent || *role > domain::role::executive)
      in.add("role", "has to be agent, supervisor, manager or executive");
    who.role = *role;
  }
  if (const auto* skills = in.take("skills")) read_skills(*skills, in, wrong, who.skills);
  if (auto languages = take_words(in, "languages")) who.languages = std::move(*languages);
  if (auto capacity = take_number(in, "capacity", 0, 1000)) who.capacity = static_cast<int>(*capacity);
  if (auto calendar = take_calendar(in)) who.calendar = *calendar;
  if (const auto* organizations = in.take("organizations")) read_organizations(*organizations, in, who.organizations);
  if (auto specialist = take_truth(in, "wedding_specialist")) who.wedding_specialist = *specialist;
  if (auto presence = in.take_word("presence", domain::parse_presence)) who.presence = *presence;
  return finish(in, wrong, std::move(who));
}

result<domain::presence> decode_presence(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  auto status = in.take_word("status", domain::parse_presence, true).value_or(domain::presence::offline);
  return finish(in, wrong, status);
}

result<domain::desk_category> decode_category(const json_value& body, domain::desk_category what, bool is_new) {
  errors wrong;
  body_fields in(body, "", wrong);
  if (auto code = in.take_text("code", 1, 64, is_new); code && is_new) {
    bool fits = std::ranges::all_of(
                    *code, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }) &&
                code->front() >= 'a' && code->front() <= 'z';
    if (!fits) in.add("code", "has to be small letters, digits and underscores");
    what.code = std::move(*code);
  }
  if (auto priority = in.take_word("default_priority", domain::parse_priority, is_new))
    what.default_priority = *priority;
  if (auto day = take_truth(in, "day")) what.threatens_day = *day;
  if (auto skills = take_words(in, "skills")) what.skills = std::move(*skills);
  return finish(in, wrong, std::move(what));
}

}  // namespace usher::net
