// Signatures of Standard Webhooks, by a published example and by the npm package that receivers use.
#include "tests/outbox/npm_verdict.hpp"
#include "tests/outbox/outbox_fixture.hpp"

using namespace usher::test;

namespace {

/// The request that a server gets when a notification is signed with these secrets.
received delivered_with(const std::vector<std::string>& secrets) {
  local_server server(answering(response(200)));
  fixed_clock clock;
  // The package accepts no signature that is older than five minutes.
  clock.at = usher::domain::system_clock_port().now();
  auto what = hook_to(server.url());
  what.secrets = secrets;
  REQUIRE(make_webhook_channel({loopback_allowed(), patient}, clock)->deliver(what).what == outcome::delivered);
  return server.requests().at(0);
}

}  // namespace

TEST_CASE("signature: the example of the specification", "[outbox][signature]") {
  const auto secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  REQUIRE(secret);
  CHECK(sign({*secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("signature: one for each secret, in order", "[outbox][signature]") {
  const std::string a(24, 'a');
  const std::string b(64, 'b');
  const auto both = sign({a, b}, "id", 1, "{}");
  CHECK(both == sign({a}, "id", 1, "{}") + " " + sign({b}, "id", 1, "{}"));
  CHECK(sign({}, "id", 1, "{}").empty());
  CHECK(sign({a}, "id", 1, "{}") != sign({a}, "id", 2, "{}"));
  CHECK(sign({a}, "id", 1, "{}") != sign({a}, "ix", 1, "{}"));
  CHECK(sign({a}, "id", 1, "{}") != sign({a}, "id", 1, "{} "));
}

TEST_CASE("signature: secrets survive their text, and bad ones are refused", "[outbox][signature]") {
  for (std::size_t size : {24U, 25U, 26U, 32U, 63U, 64U}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    const auto text = format_secret(bytes);
    CHECK(text.starts_with("whsec_"));
    CHECK(parse_secret(text) == bytes);
  }
  const auto fresh = new_secret();
  CHECK(fresh.size() == 32);
  CHECK(fresh != new_secret());
  CHECK(parse_secret(format_secret(fresh)) == fresh);
  for (const std::string& bad :
       {std::string(""), std::string("whsec_"), std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"), std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa=="),
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-"), std::string("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        std::string("whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), format_secret(std::string(23, 'x')),
        format_secret(std::string(65, 'x')), "whsec_" + std::string(5000, 'A')}) {
    CAPTURE(bad.substr(0, 60));
    CHECK_FALSE(parse_secret(bad));
  }
}

TEST_CASE("signature: the npm package standardwebhooks accepts it, and nothing that was changed",
          "[outbox][signature][node]") {
  const auto secret = new_secret();
  auto request = delivered_with({secret});
  CHECK(verdict_of_npm_package(format_secret(secret), request) == 0);
  CHECK(verdict_of_npm_package(format_secret(new_secret()), request) == 1);
  auto changed = request;
  changed.body.insert(1, " ");
  CHECK(verdict_of_npm_package(format_secret(secret), changed) == 1);
  changed = request;
  changed.headers["webhook-id"] = "01890a5d-ac96-774b-bcce-b302099a8058";
  CHECK(verdict_of_npm_package(format_secret(secret), changed) == 1);
}

TEST_CASE("signature: during a rotation either secret opens it", "[outbox][signature][node]") {
  const auto fresh = new_secret();
  const auto former = new_secret();
  const auto request = delivered_with({fresh, former});
  CHECK(verdict_of_npm_package(format_secret(fresh), request) == 0);
  CHECK(verdict_of_npm_package(format_secret(former), request) == 0);
  CHECK(verdict_of_npm_package(format_secret(new_secret()), request) == 1);
}
