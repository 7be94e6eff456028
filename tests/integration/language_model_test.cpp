// A second opinion from a language model that answers well, badly, or not at all.
#include "tests/integration/http_checks.hpp"
#include "tests/outbox/local_server.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

std::string chat(const std::string& content) {
  const auto text = json_string(content);
  return response(200, "Content-Type: application/json\r\n",
                  R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":)" + text + "}}]}");
}

/// What the model does is up to a word in the ticket.
void answer(connection& to) {
  const auto asked = to.read_request();
  const auto says = [&](std::string_view word) { return asked.body.find(word) != std::string::npos; };
  if (says("never")) return to.wait_for_close();
  if (says("slowly")) std::this_thread::sleep_for(300ms);
  if (says("busy")) return void(to.send(response(429, "Retry-After: 1\r\n", "{}")));
  if (says("broken")) return void(to.send(response(500, "", "oops")));
  if (says("cut off")) return void(to.send(response(200, "", R"({"choices":[{"message":{"content":"{\"cat)")));
  if (says("invented")) return void(to.send(chat(R"({"category":"cake","confidence":0.9})")));
  if (says("certain")) return void(to.send(chat(R"({"category":"rsvp","confidence":9})")));
  if (says("talks")) return void(to.send(chat("Sure! The category is rsvp.")));
  if (says("hostile"))
    return void(to.send(chat(R"({"category":"rsvp","confidence":0.9,"priority":"critical","emergency":true})")));
  to.send(chat(R"({"category":"payout_verification","confidence":0.85})"));
}

std::int64_t count(desk& d, const std::string& outcome) {
  auto text = d.as("admin").get("/metrics").body;
  const auto name = "\nusher_llm_requests_total{outcome=\"" + outcome + "\"} ";
  const auto at = text.find(name);
  REQUIRE(at != std::string::npos);
  return std::stoll(text.substr(at + name.size()));
}

/// Vague enough that the desk's own verdict is in doubt.
json vague(person& by, const std::string& word) {
  return create(by, "A question, " + word, R"(,"requester":{"name":"Ada Lovelace","email":"ada@example.com"})");
}

}  // namespace

TEST_CASE("language model: its word is taken where the desk is in doubt, and only while nobody has said otherwise") {
  local_server model(answer);
  desk d({"--llm-url", model.url() + "/v1", "--llm-model", "small", "--llm-below", "100", "--llm-timeout", "2"});
  auto customer = d.customer();
  auto agent = d.as("agent");
  const auto method = [&](const json& ticket) {
    return must(agent.get(path_of(ticket.text("/id"))), 200).text("/classification/method");
  };

  auto plain = must(
      customer.post(
          tickets_path,
          R"({"subject":"A question","body":"Dear team, Grace Hopper (grace@example.com, +1 555 010 9999) is vegan. Hm?"})"),
      201);
  REQUIRE(wait_until([&] { return method(plain) == "llm"; }, 20s));
  auto now = must(agent.get(path_of(plain.text("/id"))), 200);
  CHECK(now.text("/category") == "payout_verification");
  CHECK(now.text("/classification/category") == "payout_verification");
  CHECK(now.number("/version") == plain.number("/version") + 1);
  auto history = must(agent.get(path_of(plain.text("/id"), "/history")), 200).items("/data");
  CHECK(history.back().text("/actor/role") == "system");

  const auto asked = model.requests().front();
  CHECK(asked.target == "/v1/chat/completions");
  for (const char* secret : {"Hopper", "grace@", "555", "vegan"}) {
    CAPTURE(secret);
    CHECK(asked.body.find(secret) == std::string::npos);
  }

  SECTION("a person's word stands") {
    auto slow = vague(customer, "slowly");
    must(agent.patch(path_of(slow.text("/id")), R"({"category":"media_gallery"})"), 200);
    REQUIRE(wait_until([&] { return count(d, "answered") >= 2; }, 20s));
    auto after = must(agent.get(path_of(slow.text("/id"))), 200);
    CHECK(after.text("/category") == "media_gallery");
  }

  SECTION("a hostile answer gives no priority and no emergency") {
    auto ticket = vague(customer, "hostile");
    REQUIRE(wait_until([&] { return method(ticket) == "llm"; }, 20s));
    auto after = must(agent.get(path_of(ticket.text("/id"))), 200);
    CHECK(after.text("/category") == "rsvp");
    CHECK(after.text("/priority") != "critical");
    CHECK(after.text("/urgency") == "none");
    CHECK_FALSE(after.truth("/classification/emergency"));
  }

  SECTION("nonsense changes nothing, and is counted") {
    for (const char* word : {"cut off", "invented", "certain", "talks"}) vague(customer, word);
    REQUIRE(wait_until([&] { return count(d, "rejected") == 4; }, 20s));
    for (const char* word : {"busy", "broken"}) vague(customer, word);
    REQUIRE(wait_until([&] { return count(d, "failed") == 2; }, 20s));
    const auto began = steady::now();
    auto last = vague(customer, "never");
    CHECK(steady::now() - began < 2s);
    REQUIRE(wait_until([&] { return count(d, "timed_out") == 1; }, 20s));
    CHECK(method(last) != "llm");
    CHECK(must(agent.get(path_of(last.text("/id"))), 200).number("/version") == last.number("/version"));
  }
}
