// What tests ask of every answer.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include "tests/support/desk.hpp"

namespace usher::test {

inline header_list if_match(std::int64_t version) { return {{"If-Match", "\"" + std::to_string(version) + "\""}}; }
inline header_list key(const std::string& k) { return {{"Idempotency-Key", k}}; }

/// The status of an answer that has to be a problem document.
inline int problem(const http_response& answer) {
  if (answer.status < 400) {
    FAIL_CHECK("no problem: " << answer.status << " " << answer.body);
    return answer.status;
  }
  CHECK(answer.header("content-type").value_or("").starts_with("application/problem+json"));
  json body(answer.body);
  CHECK(body.number("/status") == answer.status);
  for (const char* member : {"/type", "/title", "/detail", "/instance", "/code", "/request_id"})
    CHECK_FALSE(body.text(member).empty());
  CHECK(body.text("/request_id") == answer.header("x-request-id"));
  return answer.status;
}

inline json must(const http_response& answer, int status) {
  CAPTURE(answer.body);
  REQUIRE(answer.status == status);
  return json(answer.body);
}

inline std::string clock_state(const json& ticket, std::string_view clock, int cycle = 1) {
  for (const auto& each : ticket.items("/sla")) {
    if (each.text("/clock") == clock && each.number("/cycle") == cycle) return each.text("/state");
  }
  return "absent";
}

}  // namespace usher::test
