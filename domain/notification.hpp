// What people and programs are told, as rows of the outbox: written with the change that caused them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/ticket_events.hpp"

namespace usher::domain {

struct notification {
  uuid id;
  organization_id organization;
  std::optional<ticket_id> ticket;
  std::int64_t version = 0;  ///< of the ticket
  std::optional<webhook_id> endpoint;
  std::string channel;    ///< `log`, `webhook`, `email`, `sms`
  std::string event;      ///< e.g. `escalation.fired`
  std::string recipient;  ///< a URL, an address, a number, or a person's id
  std::string payload;    ///< the text of a JSON object: ids and states, no customer's words
};

/// Whom the change has to be told to.
[[nodiscard]] std::vector<notification> notifications_of(const change& what, const desk_settings& settings);

}  // namespace usher::domain
