#include <limits>

#include <simdjson.h>
#include <catch2/catch_test_macros.hpp>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

using namespace usher::domain;

TEST_CASE("json: strings come back as they were", "[json]") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "é€😀";
  std::string out;
  append_json_string(out, all);
  simdjson::dom::parser parser;
  std::string_view back;
  REQUIRE(parser.parse(out).get_string().get(back) == simdjson::SUCCESS);
  CHECK(back == all);
}

TEST_CASE("json: the writer places commas, and nothing is null", "[json]") {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("a", 1);
  w.key("list");
  w.begin_array();
  w.value(true);
  w.value(nullptr);
  w.value("x");
  w.begin_object();
  w.end_object();
  w.end_array();
  w.member("none", std::optional<int>{});
  w.member("some", std::optional<int>{-5});
  w.member("nan", std::numeric_limits<double>::quiet_NaN());
  w.member("half", 0.5);
  w.member("at", instant{milliseconds{1}});
  w.escaped_key("a\"b");
  w.value("y");
  w.raw_member("raw", "[1,2]");
  w.end_object();
  CHECK(out == R"({"a":1,"list":[true,null,"x",{}],"none":null,"some":-5,"nan":null,"half":0.5,)"
               R"("at":"1970-01-01T00:00:00.001Z","a\"b":"y","raw":[1,2]})");
}

TEST_CASE("json: the members of an object, with the text of their values", "[json]") {
  auto members = json_members(R"({"a": 1, "b\"c": {"x": [1, "}"]}, "é": "q\\\"", "z":null})");
  REQUIRE(members.size() == 4);
  CHECK(members[0] == json_member{"a", "1"});
  CHECK(members[1].first == "b\"c");
  CHECK(members[1].second == R"({"x": [1, "}"]})");
  CHECK(members[2] == json_member{"é", R"("q\\\"")"});
  CHECK(members[3].second == "null");
  CHECK(json_members("{}").empty());
  CHECK(json_members("[1]").empty());
  CHECK(json_members("").empty());
}

TEST_CASE("json: merging sets, replaces and removes members", "[json]") {
  CHECK(merge_json_object(R"({"a":1,"b":2})", {{"b", "3"}, {"c", "\"x\""}}) == R"({"a":1,"b":3,"c":"x"})");
  CHECK(merge_json_object(R"({"a":1,"b":2})", {{"a", "null"}}) == R"({"b":2})");
  CHECK(merge_json_object("{}", {{"a", "null"}}) == "{}");
  CHECK(merge_json_object("{}", {{"k\n", "1"}}) == R"({"k\n":1})");
}
