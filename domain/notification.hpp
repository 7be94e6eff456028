// What people and programs are told, as rows of the outbox: written with the change that caused them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/desk_event.hpp"
#include "domain/desk_settings.hpp"

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
  /// The text of a JSON object without a customer's words: of webhooks and the log the event, of emails and texts
  /// `{"subject", "text"}`.
  std::string payload;
};

/// Whether the endpoint is to be told of this event of the organization's (nil: of the desk itself).
[[nodiscard]] bool is_told(const webhook_endpoint& endpoint, event_type type, const organization_id& organization);

/// The webhooks that are told what becomes of an alert.
[[nodiscard]] std::vector<notification> notifications_of(const alert_event& what, const desk_settings& settings);

/// What executives are told of an alert, by email and text.
[[nodiscard]] std::vector<notification> tell_executives(const alert_event& what, const std::string& detail,
                                                        const desk_settings& settings);

/// Asks the customer how content it is, when the change resolves the ticket and there is an address: `link` is where to
/// say so. An email.
[[nodiscard]] std::optional<notification> score_request_of(const change& what,
                                                           const std::function<std::string(const ticket&)>& link);

/// Whom the change has to be told to.
[[nodiscard]] std::vector<notification> notifications_of(const change& what, const desk_settings& settings);

}  // namespace usher::domain
