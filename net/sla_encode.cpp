// `GET …/sla`: a ticket's clocks with all that explains them (contract, section 3).
#include "domain/clock_policy.hpp"
#include "domain/json_writer.hpp"
#include "domain/sla_report.hpp"
#include "net/encode_parts.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

namespace {

using domain::json_writer;

void write_interval(json_writer& w, const domain::clock_interval& i) {
  w.begin_object();
  w.member("from", i.from);
  w.member("to", i.to);
  w.member("counted", i.counted);
  w.member("reason", i.reason);
  w.end_object();
}

void member_target(json_writer& w, std::string_view name, const std::optional<domain::milliseconds>& target) {
  if (target)
    member_seconds(w, name, *target);
  else
    w.member(name, nullptr);
}

/// The copied snapshot.
void write_policy(json_writer& w, const domain::clock_policy* policy) {
  w.key("policy");
  if (policy == nullptr) return w.value(nullptr);
  w.begin_object();
  w.member("id", policy->id);
  w.member("tier", domain::to_word(policy->tier));
  w.member("priority", domain::to_word(policy->priority));
  w.member("wedding_day", policy->wedding_day);
  member_target(w, "first_response_seconds", policy->targets.first_response);
  member_target(w, "next_response_seconds", policy->targets.next_response);
  member_target(w, "resolution_seconds", policy->targets.resolution);
  w.key("calendar_id");
  policy->calendar ? w.value(policy->calendar->rules().id) : w.value(nullptr);
  w.key("calendar");
  policy->calendar ? w.raw(domain::to_json(policy->calendar->rules())) : w.value(nullptr);
  w.key("rules");
  w.begin_array();
  for (const auto& rule : *policy->rules) write_rule(w, rule);
  w.end_array();
  w.end_object();
}

void write_escalation(json_writer& w, const domain::escalation& e) {
  w.begin_object();
  w.member("id", e.id);
  w.member("level", e.level);
  w.member("state", domain::to_word(e.state));
  w.member("cause", domain::to_word(e.cause));
  w.member("scheduled_at", e.scheduled_at);
  w.member("fired_at", std::optional<domain::instant>(e.fired_at));
  w.key("recipients");
  w.begin_array();
  for (const auto& each : e.recipients) w.value(each);
  w.end_array();
  w.member("acknowledged_at", std::optional<domain::instant>(e.acknowledged_at));
  member_or_null(w, "acknowledged_by", e.acknowledged_by);
  member_or_null(w, "reason", e.reason);
  w.end_object();
}

/// What the ladder has told of a clock, and what it will, if nothing changes.
void write_escalations(json_writer& w, const domain::ticket& t, const domain::sla_clock& clock) {
  w.key("escalations");
  w.begin_array();
  for (const auto& e : t.escalations)
    if (e.clock == clock.kind() && e.cycle == clock.cycle()) write_escalation(w, e);
  for (const auto& e : domain::armed_levels(t, clock)) write_escalation(w, e);
  w.end_array();
}

void write_report(json_writer& w, const domain::ticket& t, const domain::clock_report& report, domain::instant now) {
  w.begin_object();
  write_clock_members(w, report.clock, now);
  w.member("detected_at", report.clock.detected_at());
  member_or_null(w, "cancel_reason", report.cancel_reason);
  write_policy(w, report.clock.policy().get());
  w.key("intervals");
  w.begin_array();
  for (const auto& i : report.intervals) write_interval(w, i);
  w.end_array();
  write_escalations(w, t, report.clock);
  w.member("explanation", report.explanation);
  w.end_object();
}

}  // namespace

void write_rule(json_writer& w, const domain::escalation_rule& rule) {
  auto list = [&w](std::string_view name, const std::vector<std::string>& words) {
    w.key(name);
    w.begin_array();
    for (const auto& word : words) w.value(word);
    w.end_array();
  };
  w.begin_object();
  w.member("level", rule.level);
  w.member("percent", rule.percent);
  list("recipients", rule.recipients);
  member_seconds(w, "ack_seconds", rule.acknowledge_within);
  w.member("reassign", rule.reassign);
  list("channels", rule.channels);
  w.end_object();
}

void encode_clocks(std::string& out, const domain::ticket& ticket, const std::vector<domain::clock_changed>& events,
                   domain::instant now) {
  json_writer w(out);
  w.begin_object();
  w.key("clocks");
  w.begin_array();
  for (const auto& report : domain::explain_clocks(events, now)) write_report(w, ticket, report, now);
  w.end_array();
  w.end_object();
}

}  // namespace usher::net
