// The four ways out, and what each needs from the settings.
#pragma once

#include <memory>
#include <string>

#include "domain/time.hpp"
#include "outbox/channel.hpp"
#include "outbox/http_client.hpp"

namespace usher::outbox {

/// A line in the log: id, event, recipient and ticket; neither the payload nor the text.
[[nodiscard]] std::unique_ptr<channel> make_log_channel();

struct webhook_settings {
  egress_policy policy;
  http_limits limits;
};

/// POSTs `payload` to `recipient`, signed with every secret (Standard Webhooks): `webhook-id` is the notification's id,
/// `webhook-timestamp` the time of the try. 2xx is delivered, 410 gone, all else is tried again, redirects too, except
/// an address that the policy refuses or a notification without a secret: rejected. `clock` outlives the channel.
[[nodiscard]] std::unique_ptr<channel> make_webhook_channel(webhook_settings settings, const domain::clock_port& clock,
                                                            resolver look_up = system_resolver());

struct email_settings {
  std::string base_url = "https://api.resend.com";
  std::string api_key;
  std::string from;  ///< `Usher <desk@example.com>`, of a domain that Resend has verified
  http_limits limits;
};

/// Resend's `POST /emails`, with the notification's id as `Idempotency-Key`: Resend sends one email for all tries
/// within 24 hours. Throws std::invalid_argument for settings that can't work.
[[nodiscard]] std::unique_ptr<channel> make_email_channel(email_settings settings);

/// Twilio takes up to 1600 characters; a longer text is cut.
inline constexpr std::size_t sms_characters_max = 1600;

struct sms_settings {
  std::string base_url = "https://api.twilio.com";
  std::string account_sid;
  std::string auth_token;
  std::string from;  ///< a number in E.164, a sender's name, or the id of a messaging service (`MG…`)
  http_limits limits;
};

/// Twilio's `POST /2010-04-01/Accounts/{sid}/Messages.json`. Twilio knows no idempotency key: a try whose answer was
/// lost is repeated, and may arrive twice. Throws std::invalid_argument for settings that can't work.
[[nodiscard]] std::unique_ptr<channel> make_sms_channel(sms_settings settings);

}  // namespace usher::outbox
