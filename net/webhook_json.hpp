// Endpoints of webhooks as JSON.
#pragma once

#include <optional>
#include <string>

#include "domain/webhook_change.hpp"
#include "domain/webhook_guard.hpp"
#include "net/json_reader.hpp"

namespace usher::net {

/// A new endpoint and the bytes of its secret.
struct new_webhook {
  domain::webhook_endpoint endpoint;
  std::string secret_text;  ///< shown once
  std::string secret;
};

/// Decoders. Errors: `invalid`, with a pointer for each member that is wrong or unknown.
[[nodiscard]] domain::result<new_webhook> decode_new_webhook(const json_value& body,
                                                             const domain::webhook_guard& guard);
[[nodiscard]] domain::result<domain::webhook_edit> decode_webhook_edit(const json_value& body,
                                                                       const domain::webhook_guard& guard);
/// A secret of the caller's choice, or a new one, as text.
[[nodiscard]] domain::result<std::string> decode_webhook_secret(const json_value& body,
                                                                const domain::webhook_guard& guard);

/// Appends; with the secret where it is to be shown.
void encode_webhook(std::string& out, const domain::webhook_endpoint& what, const std::optional<std::string>& secret);

}  // namespace usher::net
