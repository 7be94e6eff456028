// The ways out: what the settings say of webhooks, emails and texts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "domain/desk_settings.hpp"
#include "domain/webhook_guard.hpp"
#include "outbox/channels.hpp"
#include "outbox/courier.hpp"

namespace usher::app {

struct outgoing_settings {
  outbox::egress_policy webhooks;
  std::optional<outbox::email_settings> email;
  std::optional<outbox::sms_settings> sms;
  std::vector<domain::emergency_contact> emergency_contacts;
};

/// Errors name the setting, and never quote a secret.
[[nodiscard]] domain::result<outgoing_settings> read_outgoing(const setting_values& values);

/// Every way out that is configured. `clock` outlives them.
[[nodiscard]] outbox::channel_set make_channels(const outgoing_settings& settings, const domain::clock_port& clock);

/// What the front door asks when an endpoint is set up.
class webhook_rules final : public domain::webhook_guard {
 public:
  explicit webhook_rules(outbox::egress_policy policy) : policy_(std::move(policy)) {}

  [[nodiscard]] domain::result<void> check_url(std::string_view url) const override;
  [[nodiscard]] std::string new_secret() const override;
  [[nodiscard]] domain::result<std::string> parse_secret(std::string_view text) const override;

 private:
  outbox::egress_policy policy_;
};

/// One line for `usher doctor`: which ways there are, and whether the providers answer.
struct outgoing_finding {
  bool well = true;
  std::string words;
};
[[nodiscard]] outgoing_finding examine_outgoing(const outgoing_settings& settings);

}  // namespace usher::app
