// The port through which the front door asks about webhooks what only the way out knows.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.hpp"

namespace usher::domain {

/// Thread-safe.
class webhook_guard {
 public:
  virtual ~webhook_guard() = default;
  /// Whether events may be sent there. Errors: `invalid`, with the reason.
  [[nodiscard]] virtual result<void> check_url(std::string_view url) const = 0;
  /// A new secret in the form `whsec_…`.
  [[nodiscard]] virtual std::string new_secret() const = 0;
  /// The bytes of a secret of that form. Errors: `invalid`, with what it has to be.
  [[nodiscard]] virtual result<std::string> parse_secret(std::string_view text) const = 0;
};

}  // namespace usher::domain
