#include "outbox/api_settings.hpp"
#include "outbox/channels.hpp"
#include "outbox/results.hpp"

namespace usher::outbox {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// E.164: a plus, and up to 15 digits of which the first is not zero.
bool is_phone_number(std::string_view text) {
  return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         std::ranges::all_of(text.substr(1), is_digit);
}

bool is_sid(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

bool is_unreserved(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  for (char c : value) {
    if (is_unreserved(c)) {
      form += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      form += '%';
      form += digits[byte >> 4U];
      form += digits[byte & 15U];
    }
  }
}

/// The first characters of a UTF-8 text, whole ones.
std::string_view cut(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_one = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts_one && characters++ == characters_max) return text.substr(0, i);
  }
  return text;
}

class sms_channel final : public channel {
 public:
  explicit sms_channel(sms_settings settings)
      : client_(egress_policy::unrestricted(), settings.limits), settings_(std::move(settings)) {
    settings_.base_url = checked_base_url(std::move(settings_.base_url), "the URL of Twilio");
    require(is_sid(settings_.account_sid), "the account of Twilio");
    require(is_header_text(settings_.auth_token), "the token of Twilio");
    require(is_header_text(settings_.from), "the sender of sms");
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "sms"; }

  [[nodiscard]] delivery_result deliver(const notification& what, std::stop_token stop) const noexcept override {
    return guarded([&] {
      if (!is_phone_number(what.recipient)) return rejected("The recipient is not a phone number in E.164.");
      return api_result(client_.send(request_for(what), stop));
    });
  }

 private:
  [[nodiscard]] http_request request_for(const notification& what) const {
    http_request request;
    request.url = settings_.base_url + "/2010-04-01/Accounts/" + settings_.account_sid + "/Messages.json";
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.user = settings_.account_sid;
    request.password = settings_.auth_token;
    const bool service = settings_.from.starts_with("MG") && settings_.from.size() == 34 && is_sid(settings_.from);
    add_field(request.body, "To", what.recipient);
    add_field(request.body, service ? "MessagingServiceSid" : "From", settings_.from);
    add_field(request.body, "Body", cut(what.text, sms_characters_max));
    return request;
  }

  http_client client_;
  sms_settings settings_;
};

}  // namespace

std::unique_ptr<channel> make_sms_channel(sms_settings settings) {
  return std::make_unique<sms_channel>(std::move(settings));
}

}  // namespace usher::outbox
