#include "metrics/log/log.hpp"
#include "outbox/channels.hpp"
#include "outbox/results.hpp"

namespace usher::outbox {

namespace {

class log_channel final : public channel {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "log"; }

  [[nodiscard]] delivery_result deliver(const notification& what, std::stop_token) const noexcept override {
    return guarded([&] {
      log::info("notification", {{"id", domain::to_string(what.id)},
                                 {"event", what.event},
                                 {"recipient", what.recipient},
                                 {"ticket_id", what.ticket ? domain::to_string(*what.ticket) : std::string()}});
      return delivery_result{outcome::delivered, 0, "", std::nullopt};
    });
  }
};

}  // namespace

std::unique_ptr<channel> make_log_channel() { return std::make_unique<log_channel>(); }

}  // namespace usher::outbox
