// One delivery on its way through the courier.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "outbox/channel.hpp"
#include "store/outbox_port.hpp"

namespace usher::outbox {

struct job {
  store::outbox_row row;
  notification what;    ///< as its channel wants it
  std::string refusal;  ///< why it is not tried at all; empty when it is
  delivery_result result;
  domain::instant began{};
  domain::milliseconds took{0};
  bool untried = false;
  bool troubled = false;  ///< its queue was, when it was taken
  std::optional<domain::instant> next_attempt_at;

  [[nodiscard]] bool is_given_up() const noexcept {
    return result.what != outcome::delivered && !next_attempt_at.has_value();
  }
};

/// What the channel is given: of emails and texts the words out of the payload, of webhooks the endpoint as it is now.
[[nodiscard]] job prepare_job(store::outbox_row row, const std::map<domain::webhook_id, store::outbox_endpoint>& known);

/// The row of the record of tries.
[[nodiscard]] store::outbox_try record_of(const job& done);

}  // namespace usher::outbox
