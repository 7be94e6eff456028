#include "domain/clock_policy.hpp"

#include <charconv>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

void write_rule(json_writer& w, const escalation_rule& r) {
  w.begin_object();
  w.member("level", r.level);
  w.member("percent", r.percent);
  w.key("recipients");
  w.begin_array();
  for (const auto& each : r.recipients) w.value(each);
  w.end_array();
  w.member("ack_ms", r.acknowledge_within.count());
  w.member("reassign", r.reassign);
  w.key("channels");
  w.begin_array();
  for (const auto& each : r.channels) w.value(each);
  w.end_array();
  w.end_object();
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::vector<std::string> texts(std::string_view array) {
  std::vector<std::string> out;
  for (auto element : json_elements(array)) out.push_back(json_string(element).value_or(""));
  return out;
}

std::optional<milliseconds> target(std::string_view text) {
  auto ms = number(text);
  return ms ? std::optional(milliseconds(*ms)) : std::nullopt;
}

std::optional<escalation_rule> read_rule(std::string_view text) {
  escalation_rule out;
  bool known = false;
  for (const auto& [key, value] : json_members(text)) {
    if (key == "level") {
      auto level = number(value).value_or(0);
      known = is_level(level);
      out.level = static_cast<int>(level);
    }
    if (key == "percent" && number(value)) out.percent = static_cast<int>(*number(value));
    if (key == "recipients") out.recipients = texts(value);
    if (key == "ack_ms") out.acknowledge_within = milliseconds(number(value).value_or(1));
    if (key == "reassign") out.reassign = value == "true";
    if (key == "channels") out.channels = texts(value);
  }
  return known ? std::optional(std::move(out)) : std::nullopt;
}

/// One member of the stored text; false when it makes no sense.
bool read_member(clock_policy& out, const std::string& key, const std::string& value) {
  if (key == "tier") {
    auto tier = parse_tier(json_string(value).value_or(""));
    if (tier) out.tier = *tier;
    return tier.has_value();
  }
  if (key == "priority") {
    auto priority = parse_priority(json_string(value).value_or(""));
    if (priority) out.priority = *priority;
    return priority.has_value();
  }
  if (key == "wedding_day") out.wedding_day = value == "true";
  if (key == "first_response_ms") out.targets.first_response = target(value);
  if (key == "next_response_ms") out.targets.next_response = target(value);
  if (key == "resolution_ms") out.targets.resolution = target(value);
  if (key == "calendar" && value != "null") {
    auto read = calendar_from_json(value);
    if (!read) return false;
    out.calendar = std::make_shared<const calendar>(std::move(*read));
  }
  if (key == "rules") {
    auto rules = default_escalation_rules();
    for (auto element : json_elements(value)) {
      auto rule = read_rule(element);
      if (!rule) return false;
      rules[level_index(rule->level)] = std::move(*rule);
    }
    out.rules = std::make_shared<const escalation_rules>(std::move(rules));
  }
  return true;
}

}  // namespace

std::optional<milliseconds> sla_targets::of(clock_kind kind) const noexcept {
  switch (kind) {
    case clock_kind::first_response:
      return first_response;
    case clock_kind::next_response:
      return next_response;
    case clock_kind::resolution:
      return resolution;
  }
  return std::nullopt;
}

clock_policy_ptr make_clock_policy(clock_policy what) {
  if (!what.rules) what.rules = std::make_shared<const escalation_rules>(default_escalation_rules());
  what.id = named_uuid(to_json(what));
  return std::make_shared<const clock_policy>(std::move(what));
}

std::string to_json(const clock_policy& what) {
  auto ms = [](const std::optional<milliseconds>& t) { return t ? std::optional(t->count()) : std::nullopt; };
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("tier", to_word(what.tier));
  w.member("priority", to_word(what.priority));
  w.member("wedding_day", what.wedding_day);
  w.member("first_response_ms", ms(what.targets.first_response));
  w.member("next_response_ms", ms(what.targets.next_response));
  w.member("resolution_ms", ms(what.targets.resolution));
  w.key("calendar");
  if (what.calendar)
    w.raw(to_json(what.calendar->rules()));
  else
    w.value(nullptr);
  w.key("rules");
  w.begin_array();
  for (const auto& rule : *what.rules) write_rule(w, rule);
  w.end_array();
  w.end_object();
  return out;
}

result<clock_policy_ptr> clock_policy_from_json(std::string_view text) {
  clock_policy out;
  for (const auto& [key, value] : json_members(text)) {
    if (!read_member(out, key, value)) return fail(errc::internal, "a stored policy makes no sense at " + key);
  }
  if (!out.rules) return fail(errc::internal, "a stored policy has no rules");
  return make_clock_policy(std::move(out));
}

}  // namespace usher::domain
