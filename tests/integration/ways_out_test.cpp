// Emails and texts of a running desk, to servers of the test that stand for the providers.
#include "tests/integration/http_checks.hpp"
#include "tests/outbox/local_server.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

std::vector<std::string> providers(const local_server& resend, const local_server& twilio) {
  return {"--resend-url",        resend.url(),
          "--resend-key",        "re_hidden",
          "--resend-from",       "Usher <desk@example.com>",
          "--twilio-url",        twilio.url(),
          "--twilio-sid",        "AC123",
          "--twilio-token",      "tw_hidden",
          "--twilio-from",       "+15550100",
          "--emergency-channel", "night@desk.example, +15550199"};
}

}  // namespace

TEST_CASE("ways out: an emergency reaches the emergency channel by email and text, and people by their rule") {
  local_server resend(answering(response(200, {}, R"({"id":"1"})")));
  local_server twilio(answering(response(201, {}, R"({"sid":"SM1"})")));
  desk d(providers(resend, twilio));
  auto manager = d.as("manager");
  must(manager.post("/api/support/agents",
                    R"({"id":"sam","name":"Sam","email":"sam@desk.example","wedding_specialist":true})"),
       201);
  must(manager.put("/api/support/escalation/rules/999", R"({"channels":["log","email"]})"), 200);
  auto customer = d.customer();
  const auto made = create(customer, "A question about napkins");
  must(d.as("agent").post(path_of(made.text("/id"), "/escalate"), R"({"level":999,"reason":"they burn"})"), 200);
  REQUIRE(wait_until([&] { return resend.requests().size() >= 2 && !twilio.requests().empty(); }, 60s));

  std::string addressed;
  for (const auto& request : resend.requests()) {
    CHECK(request.target == "/emails");
    CHECK(request.header("authorization") == "Bearer re_hidden");
    CHECK(request.body.find("EMERGENCY, ticket " + std::to_string(made.number("/number"))) != std::string::npos);
    CHECK(request.body.find("napkins") == std::string::npos);
    addressed += request.body;
  }
  CHECK(addressed.find("night@desk.example") != std::string::npos);
  CHECK(addressed.find("sam@desk.example") != std::string::npos);
  CHECK(twilio.requests().at(0).body.find("To=%2B15550199") != std::string::npos);
  CHECK(wait_until(
      [&] {
        return d.database()->count(
                   "select count(*) from usher.outbox where channel in ('email', 'sms') and delivered_at "
                   "is not null") == 3;
      },
      60s));
  CHECK(d.server.log().find("re_hidden") == std::string::npos);
  CHECK(d.server.log().find("tw_hidden") == std::string::npos);
}

TEST_CASE("ways out: without one, what was for it is given up, and the desk is told") {
  desk d;
  auto manager = d.as("manager");
  must(manager.post("/api/support/agents",
                    R"({"id":"sam","name":"Sam","email":"sam@desk.example","wedding_specialist":true})"),
       201);
  must(manager.put("/api/support/escalation/rules/999", R"({"channels":["email"]})"), 200);
  auto customer = d.customer();
  const auto id = create(customer, "A question about napkins").text("/id");
  must(d.as("agent").post(path_of(id, "/escalate"), R"({"level":999,"reason":"they burn"})"), 200);
  const std::string alerts = "/api/support/alerts?kind=notification_not_delivered";
  REQUIRE(wait_until([&] { return !must(manager.get(alerts), 200).items("/data").empty(); }, 60s));
  const auto alert = must(manager.get(alerts), 200).items("/data").at(0);
  CHECK(alert.text("/ticket_id") == id);
  CHECK(alert.text("/detail").find("no email channel is configured") != std::string::npos);
}

TEST_CASE("ways out: secrets are masked, and settings that can't work are refused by name") {
  const auto shown = run({USHER_BINARY, "serve", "--print-config", "--resend-key", "re_hidden", "--resend-from",
                          "Usher <desk@example.com>"});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("re_hidden") == std::string::npos);
  for (const auto& [arguments, named] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--webhook-allow-private", "10.0.0.0/99"}, "webhook-allow-private"},
           {{"--resend-key", "x"}, "the sender of email"},
           {{"--resend-key-file", "/nowhere"}, "resend-key-file"},
           {{"--twilio-token", "x"}, "Twilio"},
           {{"--emergency-channel", "night@desk.example"}, "resend-key"},
           {{"--emergency-channel", "carrier pigeon"}, "emergency-channel"}}) {
    CAPTURE(named);
    std::vector<std::string> all{USHER_BINARY, "serve", "--print-config"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto refused = run(all);
    CHECK(refused.code == 2);
    CHECK((refused.out + refused.err).find(named) != std::string::npos);
  }
}
