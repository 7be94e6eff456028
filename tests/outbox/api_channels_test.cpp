// Resend's and Twilio's APIs, played by a local server; and the log.
#include <stdexcept>

#include "tests/outbox/outbox_fixture.hpp"

using namespace usher::test;

namespace {

email_settings resend_at(const std::string& url, http_limits limits = patient) {
  return {url, "re_secret_key", "Usher <desk@example.com>", limits};
}

sms_settings twilio_at(const std::string& url, http_limits limits = patient) {
  return {url, "AC0123456789abcdef0123456789abcdef", "twilio_secret", "+15005550006", limits};
}

notification email_to(std::string recipient) {
  auto what = hook_to(std::move(recipient));
  what.subject = "Level 2: \"Näher\" ticket 1042";
  what.text = "90 % of the clock is used up.\nTake it.";
  return what;
}

notification sms_to(std::string recipient, std::string text = "Take ticket 1042 & answer: 15 min left+") {
  auto what = hook_to(std::move(recipient));
  what.text = std::move(text);
  return what;
}

delivery_result email(const std::string& bytes) {
  local_server server(answering(bytes));
  return make_email_channel(resend_at(server.url()))->deliver(email_to("ana@example.com"));
}

delivery_result sms(const std::string& bytes) {
  local_server server(answering(bytes));
  return make_sms_channel(twilio_at(server.url()))->deliver(sms_to("+4915112345678"));
}

}  // namespace

TEST_CASE("email: what Resend gets", "[outbox][email]") {
  local_server server(answering(response(200, "", R"({"id":"49a3999c"})")));
  const auto channel = make_email_channel(resend_at(server.url() + "/"));
  CHECK(channel->name() == "email");
  const auto result = channel->deliver(email_to("ana@example.com"));
  CHECK(result.what == outcome::delivered);
  CHECK(result.detail == "HTTP 200");
  const auto got = server.requests().at(0);
  CHECK(got.method == "POST");
  CHECK(got.target == "/emails");
  CHECK(got.header("authorization") == "Bearer re_secret_key");
  CHECK(got.header("idempotency-key") == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.body ==
        R"({"from":"Usher <desk@example.com>","to":["ana@example.com"],"subject":"Level 2: \"Näher\" ticket 1042",)"
        R"("text":"90 % of the clock is used up.\nTake it."})");
}

TEST_CASE("sms: what Twilio gets", "[outbox][sms]") {
  local_server server(answering(response(201, "", R"({"sid":"SM1","status":"queued"})")));
  const auto channel = make_sms_channel(twilio_at(server.url()));
  CHECK(channel->name() == "sms");
  CHECK(channel->deliver(sms_to("+4915112345678")).what == outcome::delivered);
  const auto got = server.requests().at(0);
  CHECK(got.method == "POST");
  CHECK(got.target == "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json");
  // AC0123456789abcdef0123456789abcdef:twilio_secret
  CHECK(got.header("authorization") == "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0d2lsaW9fc2VjcmV0");
  CHECK(got.header("content-type") == "application/x-www-form-urlencoded");
  CHECK(got.body ==
        "To=%2B4915112345678&From=%2B15005550006&Body=Take%20ticket%201042%20%26%20answer%3A%2015%20min"
        "%20left%2B");
}

TEST_CASE("sms: a messaging service as the sender, and texts that are too long", "[outbox][sms]") {
  local_server server(answering(response(201)));
  auto settings = twilio_at(server.url());
  settings.from = "MG0123456789abcdef0123456789abcdef";
  const auto channel = make_sms_channel(settings);
  std::string long_text;
  for (int i = 0; i < 1700; ++i) long_text += "ü";
  CHECK(channel->deliver(sms_to("+4915112345678", long_text)).what == outcome::delivered);
  CHECK(channel->deliver(sms_to("+4915112345678", std::string(1600, 'x'))).what == outcome::delivered);
  const auto got = server.requests();
  REQUIRE(got.size() == 2);
  CHECK(got[0].body.find("&MessagingServiceSid=MG0123456789abcdef0123456789abcdef&Body=") != std::string::npos);
  std::string cut;
  for (int i = 0; i < 1600; ++i) cut += "%C3%BC";
  CHECK(got[0].body.ends_with("&Body=" + cut));
  CHECK(got[1].body.ends_with("=" + std::string(1600, 'x')));
}

TEST_CASE("providers: every answer has its outcome", "[outbox][email][sms]") {
  for (const auto& send : {email, sms}) {
    for (int status : {200, 201, 202}) CHECK(send(response(status)).what == outcome::delivered);
    for (int status : {302, 401, 402, 403, 408, 425, 429, 500, 502, 503}) {
      CAPTURE(status);
      CHECK(send(response(status)).what == outcome::retry);
    }
    for (int status : {400, 404, 405, 409, 410, 413, 422}) {
      CAPTURE(status);
      CHECK(send(response(status)).what == outcome::rejected);
    }
    CHECK(send(response(429, "Retry-After: 7\r\n")).retry_after == 7s);
    CHECK(send(response(422, "Retry-After: 7\r\n")).retry_after == std::nullopt);
    const auto refused = send(response(400, "", R"({"code":21610,"message":"unsubscribed"})"));
    CHECK(refused.detail == R"(HTTP 400: {"code":21610,"message":"unsubscribed"})");
    CHECK_FALSE(refused.is_channel_failure());
    for (const std::string& nonsense : {std::string("nonsense\r\n\r\n"), std::string(""), std::string("HTTP/1.1 ")}) {
      CHECK(send(nonsense).what == outcome::retry);
    }
  }
}

TEST_CASE("providers: hang, refuse, early close", "[outbox][email][sms]") {
  const auto what_email = email_to("ana@example.com");
  const auto what_sms = sms_to("+4915112345678");
  dead_port nobody;
  CHECK(make_email_channel(resend_at(nobody.url()))->deliver(what_email).what == outcome::retry);
  CHECK(make_sms_channel(twilio_at(nobody.url()))->deliver(what_sms).what == outcome::retry);
  local_server hangs([](connection& c) { c.wait_for_close(); });
  CHECK(make_email_channel(resend_at(hangs.url(), hasty))->deliver(what_email).what == outcome::retry);
  CHECK(make_sms_channel(twilio_at(hangs.url(), hasty))->deliver(what_sms).what == outcome::retry);
  local_server closes([](connection& c) { c.read_request(); });
  CHECK(make_email_channel(resend_at(closes.url()))->deliver(what_email).what == outcome::retry);
  CHECK(make_sms_channel(twilio_at(closes.url()))->deliver(what_sms).what == outcome::retry);
}

TEST_CASE("email: a try that is still under way is tried again, a key used otherwise is not", "[outbox][email]") {
  const auto busy =
      email(response(409, "Retry-After: 3\r\n", R"({"statusCode":409,"name":"concurrent_idempotent_requests"})"));
  CHECK(busy.what == outcome::retry);
  CHECK(busy.retry_after == 3s);
  CHECK(email(response(409, "", R"({"statusCode":409,"name":"invalid_idempotent_request"})")).what ==
        outcome::rejected);
}

TEST_CASE("providers: recipients that can't be any are not sent to", "[outbox][email][sms]") {
  local_server server(answering(response(200)));
  const auto mail = make_email_channel(resend_at(server.url()));
  for (const std::string& bad : {std::string(""), std::string("ana"), std::string("@example.com"), std::string("ana@"),
                                 std::string("a@b@c"), std::string("a@b.c, d@e.f"), std::string("a@b.c\r\nBcc: d@e.f"),
                                 std::string("Ana <a@b.c>"), std::string(250, 'a') + "@b.com"}) {
    CAPTURE(bad);
    CHECK(mail->deliver(email_to(bad)).what == outcome::rejected);
  }
  const auto text = make_sms_channel(twilio_at(server.url()));
  for (const char* bad : {"", "+", "+1", "015112345678", "+0151", "+1 500 555", "+1234567890123456", "+15005550006x"}) {
    CAPTURE(bad);
    CHECK(text->deliver(sms_to(bad)).what == outcome::rejected);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("providers: settings that can't work stop the start, without showing the secret", "[outbox][email][sms]") {
  auto broken = [](auto change) {
    auto settings = resend_at("https://api.resend.com");
    change(settings);
    try {
      (void)make_email_channel(settings);
    } catch (const std::invalid_argument& e) {
      CHECK(std::string(e.what()).find("secret") == std::string::npos);
      return true;
    }
    return false;
  };
  CHECK_FALSE(broken([](email_settings&) {}));
  CHECK(broken([](email_settings& s) { s.api_key = ""; }));
  CHECK(broken([](email_settings& s) { s.api_key = "re_secret\n"; }));
  CHECK(broken([](email_settings& s) { s.from = ""; }));
  CHECK(broken([](email_settings& s) { s.from = "a\r\nX-Evil: 1"; }));
  CHECK(broken([](email_settings& s) { s.base_url = "resend"; }));
  auto sms_broken = [](auto change) {
    auto settings = twilio_at("https://api.twilio.com");
    change(settings);
    try {
      (void)make_sms_channel(settings);
    } catch (const std::invalid_argument&) {
      return true;
    }
    return false;
  };
  CHECK_FALSE(sms_broken([](sms_settings&) {}));
  CHECK(sms_broken([](sms_settings& s) { s.account_sid = "AC/../x"; }));
  CHECK(sms_broken([](sms_settings& s) { s.auth_token = ""; }));
  CHECK(sms_broken([](sms_settings& s) { s.from = ""; }));
  CHECK(sms_broken([](sms_settings& s) { s.base_url = "ftp://x"; }));
}

TEST_CASE("log: always arrives", "[outbox]") {
  const auto channel = make_log_channel();
  CHECK(channel->name() == "log");
  CHECK(channel->deliver(hook_to("emergency_channel")).what == outcome::delivered);
}
