// The ladder's rules: what is wrong with one is said, by its place.
#include <catch2/catch_test_macros.hpp>

#include "server_fixture.hpp"

using namespace usher;
using namespace usher::test;

TEST_CASE("a rule of the ladder that is wrong is refused with 422 and the place of what is wrong") {
  server_fixture f;
  auto c = f.client();
  auto put = [&](const std::string& level, const std::string& body) {
    auto answer = c.ask(f.request("PUT /api/support/escalation/rules/" + level, body, "", domain::role::manager));
    REQUIRE(answer);
    return *answer;
  };
  struct wrong {
    const char* level;
    const char* body;
    const char* pointer;
  };
  for (const auto& [level, body, pointer] : std::initializer_list<wrong>{
           {"1", R"({"percent":0})", "/percent"},
           {"1", R"({"percent":1001})", "/percent"},
           {"1", R"({"percent":75.5})", "/percent"},
           {"1", R"({"percent":"75"})", "/percent"},
           {"1", R"({"percent":null})", "/percent"},
           {"1", R"({"percent":90})", "/percent"},   // level 2 is there
           {"4", R"({"percent":100})", "/percent"},  // level 3 is there
           {"999", R"({"percent":50})", "/percent"},
           {"2", R"({"recipients":["assignee","nobody"]})", "/recipients/1"},
           {"2", R"({"recipients":"assignee"})", "/recipients"},
           {"2", R"({"recipients":[7]})", "/recipients/0"},
           {"3", R"({"ack_seconds":0})", "/ack_seconds"},
           {"3", R"({"ack_seconds":604801})", "/ack_seconds"},
           {"3", R"({"ack_seconds":"soon"})", "/ack_seconds"},
           {"3", R"({"reassign":"yes"})", "/reassign"},
           {"4", R"({"channels":["log","pigeon"]})", "/channels/1"},
           {"4", R"({"colour":"red"})", "/colour"},
       }) {
    CAPTURE(level, body);
    auto answer = put(level, body);
    CHECK(answer.status == 422);
    CHECK(answer.body.find("\"pointer\":\"" + std::string(pointer)) != std::string::npos);
  }
  CHECK(put("5", R"({"reassign":true})").status == 404);
  CHECK(put("one", R"({"reassign":true})").status == 404);
  CHECK(put("1", R"({"percent":80,"recipients":["assignee","supervisors"],"ack_seconds":60})").status == 200);
  // What was refused has changed nothing, and what was taken holds.
  auto now = f.client().ask(f.request("GET /api/support/escalation/rules/1", "", "", domain::role::manager));
  REQUIRE(now);
  CHECK(now->body.find("\"percent\":80") != std::string::npos);
  auto untouched = f.client().ask(f.request("GET /api/support/escalation/rules/2", "", "", domain::role::manager));
  REQUIRE(untouched);
  CHECK(untouched->body.find("\"percent\":90") != std::string::npos);
}
