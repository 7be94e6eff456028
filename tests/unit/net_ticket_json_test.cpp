// Bodies into commands, and values into text.
#include <catch2/catch_test_macros.hpp>

#include "net/ticket_json.hpp"

using namespace usher;
using namespace usher::net;

namespace {

template <class Decode>
auto decode(const std::string& body, Decode with) {
  json_reader reader;
  const auto read = reader.read(body);
  REQUIRE(read);
  return with(**read);
}

/// The pointers of what a decoder refuses, with commas; empty when it refuses nothing.
template <class Decode>
std::string wrong(const std::string& body, Decode with) {
  const auto result = decode(body, with);
  if (result) return "";
  std::string out;
  for (const auto& field : result.error().fields) out += (out.empty() ? "" : ",") + field.pointer;
  return out.empty() ? "nothing said" : out;
}

std::string create(const std::string& more) { return R"({"subject":"a","body":"b")" + more + "}"; }

std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("ticket json: a creation with everything", "[net]") {
  const auto made = decode(
      create(
          R"(,"channel":"email","category":"rsvp","priority":"high","tags":["x","y","x"],)"
          R"("custom_fields":{ "table" : 7 , "list":[1.5,null]},"requester":{"name":"Ann","email":"ann@example.org"},)"
          R"("wedding":{"at":"2026-06-13T15:00","time_zone":"America/New_York","venue":"Barn"},)"
          R"("organization_id":"0190b5a0-0000-7000-8000-000000000001")"),
      decode_create);
  REQUIRE(made);
  const auto& c = made->command;
  CHECK(c.via == domain::channel::email);
  CHECK(c.category == "rsvp");
  CHECK(c.priority == domain::priority::high);
  CHECK(c.tags == std::vector<std::string>{"x", "y"});
  CHECK(c.custom_fields == R"({"table":7,"list":[1.5,null]})");
  REQUIRE(c.wedding);
  CHECK(c.wedding->at == domain::parse_rfc3339("2026-06-13T19:00:00Z"));
  CHECK(c.requester->email == "ann@example.org");
  CHECK(made->organization);
}

TEST_CASE("ticket json: what a creation refuses", "[net]") {
  CHECK(wrong(create(""), decode_create).empty());
  CHECK(wrong("{}", decode_create) == "/subject,/body");
  const auto list = decode("[]", decode_create);
  REQUIRE_FALSE(list);
  CHECK(list.error().fields.size() == 1);
  CHECK(list.error().fields[0].pointer.empty());
}

TEST_CASE("ticket json: limits are in characters", "[net]") {
  const auto subject = [](int count) {
    return R"({"body":"b","subject":")" + repeat("\xf0\x9f\x92\x90", count) + "\"}";
  };
  CHECK(wrong(subject(200), decode_create).empty());
  CHECK(wrong(subject(201), decode_create) == "/subject");
  CHECK(wrong(subject(0), decode_create) == "/subject");
  const auto body = [](int count) { return R"({"subject":"b","body":")" + repeat("\xc3\xa9", count) + "\"}"; };
  CHECK(wrong(body(20'000), decode_create).empty());
  CHECK(wrong(body(20'001), decode_create) == "/body");
  CHECK(wrong(create(",\"tags\":[\"" + repeat("\xc3\xa9", 40) + "\"]"), decode_create).empty());
  CHECK(wrong(create(",\"tags\":[\"a\",\"" + repeat("\xc3\xa9", 41) + "\"]"), decode_create) == "/tags/1");
  CHECK(wrong(create(",\"tags\":[\"a\"" + repeat(",\"a\"", 20) + "]"), decode_create) == "/tags");
  CHECK(wrong(create(",\"custom_fields\":{\"a\":\"" + std::string(2041, 'x') + "\"}"), decode_create) ==
        "/custom_fields");
  CHECK(wrong(create(",\"custom_fields\":{\"a\":\"" + std::string(2040, 'x') + "\"}"), decode_create).empty());
}

TEST_CASE("ticket json: members that are unknown, null, or of another type", "[net]") {
  CHECK(wrong(create(",\"color\":1"), decode_create) == "/color");
  CHECK(wrong(create(",\"a/b\":1"), decode_create) == "/a~1b");
  for (const std::string name :
       {"channel", "category", "priority", "tags", "custom_fields", "wedding", "requester", "organization_id"})
    for (const std::string value : {"null", "7", "\"\"", "[7]"}) {
      CAPTURE(name, value);
      CHECK(wrong(create(",\"" + name + "\":" + value), decode_create).starts_with("/" + name));
    }
  CHECK(wrong(create(",\"category\":7"), decode_create) == "/category");
  CHECK(wrong(create(",\"requester\":{\"email\":\"ann\"}"), decode_create) == "/requester/email");
  CHECK(wrong(create(",\"requester\":{\"phone\":\"1\"}"), decode_create) == "/requester/phone");
}

TEST_CASE("ticket json: weddings", "[net]") {
  const auto at = [](const std::string& members) {
    return wrong(create(",\"wedding\":{" + members + "}"), decode_create);
  };
  CHECK(at(R"("at":"2026-06-13T19:00:00+02:00")").empty());
  CHECK(at(R"("at":"2026-06-13T19:00","time_zone":"Europe/Rome")").empty());
  CHECK(at(R"("at":"2026-06-13T19:00")") == "/wedding/at");
  CHECK(at(R"("at":"2026-06-13T19:00","time_zone":"Europe/Atlantis")") == "/wedding/time_zone");
  CHECK(at(R"("at":"2026-03-29T02:30","time_zone":"Europe/Rome")") == "/wedding/at");
  CHECK(at(R"("at":"soon")") == "/wedding/at");
  CHECK(at(R"("venue":"Barn")") == "/wedding/at");
  CHECK(at(R"("at":"2026-06-13T19:00:00Z","cake":1)") == "/wedding/cake");
}

TEST_CASE("ticket json: a merge tells clearing from leaving", "[net]") {
  const auto none = decode("{}", decode_update);
  REQUIRE(none);
  CHECK_FALSE(none->wedding);
  CHECK_FALSE(none->tags);
  CHECK_FALSE(none->assignee_id);
  const auto cleared = decode(
      R"({"wedding":null,"tags":null,"assignee_id":null,"custom_fields":{"a":null,"b":{"c":1}}})", decode_update);
  REQUIRE(cleared);
  REQUIRE(cleared->wedding);
  CHECK_FALSE(*cleared->wedding);
  CHECK(cleared->tags->empty());
  CHECK(cleared->assignee_id->empty());
  REQUIRE(cleared->custom_fields->size() == 2);
  CHECK(cleared->custom_fields->at(0) == std::pair<std::string, std::string>("a", "null"));
  CHECK(cleared->custom_fields->at(1).second == R"({"c":1})");
  CHECK(wrong(R"({"subject":null,"body":null,"status":null,"priority":null,"category":null,"custom_fields":null})",
              decode_update) == "/subject,/body,/status,/priority,/category,/custom_fields");
  CHECK(wrong(R"({"channel":"web"})", decode_update) == "/channel");
}

TEST_CASE("ticket json: messages, assignments, organizations", "[net]") {
  CHECK(decode(R"({"body":"a","visibility":"internal"})", decode_message)->visible == domain::visibility::internal);
  CHECK_FALSE(decode(R"({"body":"a"})", decode_message)->visible);
  CHECK(wrong(R"({"body":"","visibility":"secret"})", decode_message) == "/body,/visibility");
  CHECK(decode(R"({"agent_id":"x"})", decode_assign)->agent_id == "x");
  CHECK(decode(R"({"agent_id":null})", decode_assign)->agent_id.empty());
  CHECK(decode(R"({"auto":true})", decode_assign)->automatic);
  CHECK(wrong("{}", decode_assign) == "/agent_id");
  CHECK(wrong(R"({"auto":false})", decode_assign) == "/auto");
  CHECK(wrong(R"({"auto":true,"agent_id":"x"})", decode_assign) == "/auto");
  const auto organization = [](const json_value& v) {
    return decode_organization(v, domain::organization_id::generate());
  };
  CHECK(wrong(R"({"name":"a","tier":"FREE"})", organization).empty());
  CHECK(wrong(R"({"name":"","tier":"GOLD","time_zone":"x"})", organization) == "/name,/tier,/time_zone");
}

TEST_CASE("ticket json: a ticket as the contract shows it", "[net]") {
  domain::ticket t;
  t.id = *domain::ticket_id::parse("0190b5a0-0000-7000-8000-000000000001");
  t.number = 1042;
  t.organization = *domain::organization_id::parse("0190b5a0-0000-7000-8000-000000000002");
  t.requester_id = "ann";
  t.subject = "Cake \"gone\"";
  t.body = "b";
  t.category = "rsvp";
  t.version = 3;
  t.created_at = t.updated_at = *domain::parse_rfc3339("2026-06-13T19:00:00Z");
  domain::clock_event start;
  start.at = t.created_at;
  start.target = std::chrono::seconds(900);
  t.clocks.emplace_back(domain::clock_kind::first_response, 1, start);
  std::string out;
  encode_ticket(out, t, t.created_at + std::chrono::milliseconds(12'400));
  CHECK(out ==
        R"({"id":"0190b5a0-0000-7000-8000-000000000001","number":1042,)"
        R"("organization_id":"0190b5a0-0000-7000-8000-000000000002","tier":"FREE","requester_id":"ann",)"
        R"("subject":"Cake \"gone\"","body":"b","channel":"web","status":"open","priority":"low","category":"rsvp",)"
        R"("tags":[],"custom_fields":{},"wedding":null,"urgency":"none","assignee_id":null,"escalation_level":0,)"
        R"("classification":null,"sla":[{"clock":"first_response","cycle":1,"state":"running","target_seconds":900,)"
        R"("started_at":"2026-06-13T19:00:00.000Z","due_at":"2026-06-13T19:15:00.000Z","stopped_at":null,)"
        R"("breached_at":null,"elapsed_seconds":12.4,"remaining_seconds":887.6,"consumed":0.014}],"version":3,)"
        R"("created_at":"2026-06-13T19:00:00.000Z","updated_at":"2026-06-13T19:00:00.000Z","resolved_at":null,)"
        R"("deleted_at":null,"merged_into":null})");
}
