#include "domain/notification.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

/// What is told of a level: who may take it finds the rest in the ticket.
std::string payload_of(const change& what, const escalation& e, std::string_view event) {
  const auto& t = *what.after;
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("type", event);
  w.member("timestamp", what.at);
  w.key("data");
  w.begin_object();
  w.member("escalation_id", e.id);
  w.member("ticket_id", t.id);
  w.member("number", t.number);
  w.member("organization_id", t.organization);
  w.member("tier", to_word(t.tier));
  w.member("priority", to_word(t.priority));
  w.member("urgency", to_word(t.urgency));
  w.member("category", std::string_view(t.category));
  w.member("clock", to_word(e.clock));
  w.member("cycle", e.cycle);
  w.member("level", e.level);
  w.member("cause", to_word(e.cause));
  w.member("scheduled_at", e.scheduled_at);
  w.member("fired_at", std::optional<instant>(e.fired_at));
  w.key("recipients");
  w.begin_array();
  for (const auto& each : e.recipients) w.value(each);
  w.end_array();
  w.end_object();
  w.end_object();
  return out;
}

/// Writes down whom one escalation is told to.
class teller {
 public:
  teller(const change& what, const desk_settings& settings, std::vector<notification>& out)
      : what_(what), settings_(settings), out_(out) {}

  void tell(const escalation& e, const std::vector<std::string>& channels, std::string_view event) {
    auto payload = payload_of(what_, e, event);
    for (const auto& channel : channels) {
      if (channel == "log") add(channel, event, e.recipients.empty() ? "nobody" : e.recipients.front(), payload);
      if (channel != "email" && channel != "sms") continue;
      for (const auto& id : e.recipients) {
        auto person = settings_.agents.find(id);
        if (person == settings_.agents.end()) continue;
        const auto& address = channel == "email" ? person->second.email : person->second.phone;
        if (!address.empty()) add(channel, event, address, payload);
      }
    }
    webhooks(event, payload);
  }

  void webhooks(std::string_view event, const std::string& payload) {
    for (const auto& endpoint : settings_.webhooks) {
      bool wanted = endpoint.events.empty() || std::ranges::find(endpoint.events, event) != endpoint.events.end();
      bool theirs = !endpoint.organization || *endpoint.organization == what_.after->organization;
      if (!wanted || !theirs || endpoint.disabled) continue;
      add("webhook", event, endpoint.url, payload);
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

const escalation* find(const ticket& t, const escalation_id& id) {
  auto found = std::ranges::find(t.escalations, id, &escalation::id);
  return found == t.escalations.end() ? nullptr : &*found;
}

}  // namespace

std::vector<notification> notifications_of(const change& what, const desk_settings& settings) {
  std::vector<notification> out;
  teller tells(what, settings, out);
  for (const auto& event : what.events) {
    if (const auto* told = std::get_if<escalated>(&event); told && told->escalation.state == escalation_state::fired)
      tells.tell(told->escalation, told->channels, "escalation.fired");
    if (const auto* moved = std::get_if<escalation_moved>(&event)) {
      const auto* e = find(*what.after, moved->id);
      if (e != nullptr && moved->repeated) tells.tell(*e, moved->channels, "escalation.repeated");
      if (e != nullptr && !moved->acknowledged_by.empty())
        tells.webhooks("escalation.acknowledged", payload_of(what, *e, "escalation.acknowledged"));
    }
  }
  return out;
}

}  // namespace usher::domain
