#include "domain/json_writer.hpp"
#include "net/encode_parts.hpp"
#include "net/settings_json.hpp"

namespace usher::net {

using domain::json_writer;

namespace {

void member_target(json_writer& w, std::string_view name, const std::optional<domain::milliseconds>& target) {
  if (target)
    member_seconds(w, name, *target);
  else
    w.member(name, nullptr);
}

void member_texts(json_writer& w, std::string_view name, const std::vector<std::string>& texts) {
  w.key(name);
  w.begin_array();
  for (const auto& each : texts) w.value(each);
  w.end_array();
}

}  // namespace

void encode_policy(std::string& out, domain::tier t, domain::priority p, const domain::sla_policy& policy) {
  json_writer w(out);
  w.begin_object();
  w.member("tier", domain::to_word(t));
  w.member("priority", domain::to_word(p));
  member_target(w, "first_response_seconds", policy.targets.first_response);
  member_target(w, "next_response_seconds", policy.targets.next_response);
  member_target(w, "resolution_seconds", policy.targets.resolution);
  w.member("calendar_id", policy.calendar);
  w.end_object();
}

void encode_rule(std::string& out, const domain::escalation_rule& rule) {
  json_writer w(out);
  write_rule(w, rule);
}

void encode_calendar(std::string& out, const domain::calendar_rules& rules) { out += domain::to_json(rules); }

void encode_agent(std::string& out, const domain::agent& who, std::int64_t load) {
  json_writer w(out);
  w.begin_object();
  w.member("id", who.id);
  w.member("name", who.name);
  member_or_null(w, "email", who.email);
  member_or_null(w, "phone", who.phone);
  w.member("role", domain::to_word(who.role));
  w.key("skills");
  w.begin_array();
  for (const auto& s : who.skills) {
    w.begin_object();
    w.member("skill", s.skill);
    w.member("level", s.level);
    w.end_object();
  }
  w.end_array();
  member_texts(w, "languages", who.languages);
  w.member("capacity", who.capacity);
  w.member("calendar_id", who.calendar);
  w.key("organizations");
  w.begin_array();
  for (const auto& id : who.organizations) w.value(id);
  w.end_array();
  w.member("wedding_specialist", who.wedding_specialist);
  w.member("presence", domain::to_word(who.presence));
  w.member("load", load);
  w.end_object();
}

void encode_category(std::string& out, const domain::desk_category& what) {
  json_writer w(out);
  w.begin_object();
  w.member("code", what.code);
  w.member("default_priority", domain::to_word(what.default_priority));
  w.member("day", what.threatens_day);
  member_texts(w, "skills", what.skills);
  w.member("retired", what.retired);
  w.end_object();
}

}  // namespace usher::net
