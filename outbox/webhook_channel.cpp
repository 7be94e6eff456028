#include "outbox/channels.hpp"
#include "outbox/results.hpp"
#include "outbox/signature.hpp"

namespace usher::outbox {

namespace {

class webhook_channel final : public channel {
 public:
  webhook_channel(webhook_settings settings, const domain::clock_port& clock, resolver look_up)
      : client_(std::move(settings.policy), settings.limits, std::move(look_up)), clock_(clock) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "webhook"; }

  [[nodiscard]] delivery_result deliver(const notification& what, std::stop_token stop) const noexcept override {
    return guarded([&] {
      if (what.secrets.empty()) return rejected("The endpoint has no secret to sign with.");
      return webhook_result(client_.send(request_for(what), stop));
    });
  }

 private:
  [[nodiscard]] http_request request_for(const notification& what) const {
    const auto id = domain::to_string(what.id);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    http_request request;
    request.url = what.recipient;
    request.headers = {"Content-Type: application/json", "webhook-id: " + id,
                       "webhook-timestamp: " + std::to_string(seconds),
                       "webhook-signature: " + sign(what.secrets, id, seconds, what.payload)};
    request.body = what.payload;
    return request;
  }

  http_client client_;
  const domain::clock_port& clock_;
};

}  // namespace

std::unique_ptr<channel> make_webhook_channel(webhook_settings settings, const domain::clock_port& clock,
                                              resolver look_up) {
  return std::make_unique<webhook_channel>(std::move(settings), clock, std::move(look_up));
}

}  // namespace usher::outbox
