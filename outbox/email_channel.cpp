#include "domain/json_writer.hpp"
#include "outbox/api_settings.hpp"
#include "outbox/channels.hpp"
#include "outbox/results.hpp"

namespace usher::outbox {

namespace {

constexpr std::size_t email_bytes_max = 254;

/// Enough to keep out lists and injected lines; the rest is the provider's to judge.
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= email_bytes_max && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t\r\n,;<>\"") == std::string_view::npos && is_header_text(text);
}

class email_channel final : public channel {
 public:
  explicit email_channel(email_settings settings)
      : client_(egress_policy::unrestricted(), settings.limits), settings_(std::move(settings)) {
    settings_.base_url = checked_base_url(std::move(settings_.base_url), "the URL of Resend");
    require(is_header_text(settings_.api_key), "the key of Resend");
    require(is_header_text(settings_.from), "the sender of email");
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "email"; }

  [[nodiscard]] delivery_result deliver(const notification& what, std::stop_token stop) const noexcept override {
    return guarded([&] {
      if (!is_email(what.recipient)) return rejected("The recipient is not an email address.");
      const auto answer = client_.send(request_for(what), stop);
      auto result = api_result(answer);
      // A try before this one is still under way at Resend, unlike a key that was used for another message.
      if (answer.status == 409 && answer.body.find("concurrent_idempotent_requests") != std::string::npos) {
        result.what = outcome::retry;
        result.retry_after = answer.retry_after;
      }
      return result;
    });
  }

 private:
  [[nodiscard]] http_request request_for(const notification& what) const {
    http_request request;
    request.url = settings_.base_url + "/emails";
    request.headers = {"Content-Type: application/json", "Authorization: Bearer " + settings_.api_key,
                       "Idempotency-Key: " + domain::to_string(what.id)};
    domain::json_writer w(request.body);
    w.begin_object();
    w.member("from", settings_.from);
    w.key("to");
    w.begin_array();
    w.value(what.recipient);
    w.end_array();
    w.member("subject", what.subject);
    w.member("text", what.text);
    w.end_object();
    return request;
  }

  http_client client_;
  email_settings settings_;
};

}  // namespace

std::unique_ptr<channel> make_email_channel(email_settings settings) {
  return std::make_unique<email_channel>(std::move(settings));
}

}  // namespace usher::outbox
