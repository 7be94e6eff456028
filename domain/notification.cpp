#include "domain/notification.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr std::string_view emergency_channel = "emergency_channel";

/// What a person is told of a level; who may take it finds the rest in the ticket.
std::string words_of(const ticket& t, const escalation& e, bool again) {
  const auto number = std::to_string(t.number);
  const bool emergency = e.level == emergency_level;
  std::string subject = again ? "Again: " : "";
  subject += emergency ? "EMERGENCY, ticket " + number : "Ticket " + number + ", level " + std::to_string(e.level);
  std::string text = "Ticket " + number + " (" + std::string(to_word(t.tier)) + ", priority " +
                     std::string(to_word(t.priority)) + ", category " + t.category + ") ";
  if (emergency) {
    text += "threatens a wedding day: the emergency protocol has begun.";
  } else {
    text += "has reached level " + std::to_string(e.level) + " of the ladder on its " + std::string(to_word(e.clock)) +
            " clock.";
  }
  const auto* clock = t.latest(e.clock);
  if (clock != nullptr && clock->cycle() == e.cycle)
    if (auto due = clock->due_at()) text += " Due at " + format_rfc3339(*due) + ".";
  text += " Nobody has acknowledged it yet. Id: " + to_string(t.id);
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("subject", std::string_view(subject));
  w.member("text", std::string_view(text));
  w.end_object();
  return out;
}

/// Writes down whom a change is told to.
class teller {
 public:
  teller(const change& what, const desk_settings& settings, std::vector<notification>& out)
      : what_(what), settings_(settings), out_(out) {}

  /// One level's people, by the channels of its rule.
  void tell_people(const escalation& e, const std::vector<std::string>& channels, const desk_event& event) {
    const auto name = to_word(event.type);
    const auto words = words_of(*what_.after, e, event.type == event_type::escalation_repeated);
    for (const auto& channel : channels) {
      if (channel == "log") add(channel, name, e.recipients.empty() ? "nobody" : e.recipients.front(), event.payload());
      if (channel != "email" && channel != "sms") continue;
      for (const auto& id : e.recipients) {
        auto person = settings_.agents.find(id);
        if (person == settings_.agents.end()) continue;
        const auto& address = channel == "email" ? person->second.email : person->second.phone;
        if (!address.empty()) add(channel, name, address, words);
      }
    }
    if (std::ranges::find(e.recipients, emergency_channel) == e.recipients.end()) return;
    for (const auto& contact : settings_.emergency_contacts) add(contact.channel, name, contact.address, words);
  }

  void tell_webhooks(const desk_event& event) {
    std::string payload;
    for (const auto& endpoint : settings_.webhooks) {
      if (!is_told(endpoint, event.type, what_.after->organization)) continue;
      if (endpoint.organization && !event.is_for_customers()) continue;
      if (payload.empty()) payload = event.payload();
      add("webhook", to_word(event.type), endpoint.url, payload);
      out_.back().endpoint = endpoint.id;
    }
  }

 private:
  void add(std::string_view channel, std::string_view event, const std::string& recipient, const std::string& payload) {
    out_.push_back({new_uuid_v7(), what_.after->organization, what_.after->id, what_.after->version, std::nullopt,
                    std::string(channel), std::string(event), recipient, payload});
  }

  const change& what_;
  const desk_settings& settings_;
  std::vector<notification>& out_;
};

}  // namespace

bool is_told(const webhook_endpoint& endpoint, event_type type, const organization_id& organization) {
  if (endpoint.disabled || (endpoint.organization && *endpoint.organization != organization)) return false;
  return endpoint.events.empty() || std::ranges::find(endpoint.events, to_word(type)) != endpoint.events.end();
}

std::vector<notification> notifications_of(const alert_event& what, const desk_settings& settings) {
  std::vector<notification> out;
  for (const auto& endpoint : settings.webhooks) {
    if (endpoint.organization || !is_told(endpoint, what.type, what.organization)) continue;
    out.push_back({new_uuid_v7(), what.organization, what.ticket, 0, endpoint.id, "webhook",
                   std::string(to_word(what.type)), endpoint.url, what.payload()});
  }
  return out;
}

std::vector<notification> tell_executives(const alert_event& what, const std::string& detail,
                                          const desk_settings& settings) {
  std::string words;
  json_writer w(words);
  w.begin_object();
  w.member("subject", "Alert: " + what.kind);
  w.member("text", std::string_view(detail));
  w.end_object();
  std::vector<notification> out;
  for (const auto& [id, person] : settings.agents) {
    if (person.role != role::executive) continue;
    for (const auto& [channel, address] : {std::pair{"email", &person.email}, std::pair{"sms", &person.phone}})
      if (!address->empty())
        out.push_back({new_uuid_v7(), what.organization, what.ticket, 0, std::nullopt, channel,
                       std::string(to_word(what.type)), *address, words});
  }
  return out;
}

std::optional<notification> score_request_of(const change& what,
                                             const std::function<std::string(const ticket&)>& link) {
  const auto& t = *what.after;
  bool resolves = t.status == ticket_status::resolved && what.before && what.before->status != ticket_status::resolved;
  if (!resolves || !link || t.merged_into || !t.requester || t.requester->email.empty()) return std::nullopt;
  const auto number = std::to_string(t.number);
  std::string words;
  json_writer w(words);
  w.begin_object();
  w.member("subject", "How did we do with ticket " + number + "?");
  w.member("text", "Your ticket " + number + " is resolved. Please tell us how content you are: " + link(t) +
                       " (the link works once and needs no login)");
  w.end_object();
  return notification{new_uuid_v7(),    t.organization,     t.id, t.version, std::nullopt, "email",
                      "csat.requested", t.requester->email, words};
}

std::vector<notification> notifications_of(const change& what, const desk_settings& settings) {
  std::vector<notification> out;
  teller tells(what, settings, out);
  // Most changes are told to nobody: then nothing is made.
  const bool hooked = std::ranges::any_of(settings.webhooks, [](const auto& e) { return !e.disabled; });
  const bool climbs = std::ranges::any_of(what.events, [](const auto& e) {
    return std::holds_alternative<escalated>(e) || std::holds_alternative<escalation_moved>(e);
  });
  if (!hooked && !climbs) return out;
  for (const auto& event : events_of(what)) {
    const auto& source = what.events[event.place];
    if (event.type == event_type::escalation_fired) {
      const auto& told = std::get<escalated>(source);
      tells.tell_people(told.escalation, told.channels, event);
    }
    if (event.type == event_type::escalation_repeated) {
      const auto& moved = std::get<escalation_moved>(source);
      auto e = std::ranges::find(what.after->escalations, moved.id, &escalation::id);
      if (e != what.after->escalations.end()) tells.tell_people(*e, moved.channels, event);
    }
    if (hooked) tells.tell_webhooks(event);
  }
  return out;
}

}  // namespace usher::domain
