// Reading JSON: the JSON Test Suite, then what the contract refuses beyond the grammar.
#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "net/base64url.hpp"
#include "net/json_locate.hpp"
#include "net/json_reader.hpp"

using namespace usher::net;
using kind = json_error::kind;

namespace {

std::string compact(const std::string& text) {
  json_reader reader;
  const auto read = reader.read(text);
  if (!read) return "refused: " + read.error().detail;
  std::string out;
  append_json(out, **read);
  return out;
}

json_error refusal_of(std::string_view text) {
  json_reader reader;
  const auto read = reader.read(text);
  REQUIRE_FALSE(read);
  return read.error();
}

}  // namespace

TEST_CASE("json: the JSON Test Suite", "[net]") {
  std::ifstream file(std::string(USHER_TEST_DATA) + "/json/json_test_suite.json");
  std::ostringstream text;
  text << file.rdbuf();
  json_reader suite;
  const auto document = suite.read(text.str());
  REQUIRE(document);
  // Well-formed, and still refused: the contract forbids members that stand twice, and U+0000.
  const std::set<std::string_view> strict{"y_object_duplicated_key", "y_object_duplicated_key_and_value"};
  int good = 0;
  int bad = 0;
  for (const auto& vector : *(*document)->find("vectors")) {
    const auto name = vector.find("name")->text;
    std::string bytes;
    REQUIRE(decode_base64url(vector.find("text")->text, bytes));
    CAPTURE(name, bytes.substr(0, 100));
    json_reader reader;
    const auto read = reader.read(bytes);
    if (name.starts_with("y_")) {
      CHECK((read || read.error().what == kind::unacceptable || strict.contains(name)));
      if (read) ++good;
      if (read) CHECK(locate_json_fault(bytes, json_depth_max).what == json_fault::kind::none);
    } else if (name.starts_with("n_")) {
      REQUIRE_FALSE(read);
      CHECK(read.error().what == kind::malformed);
      ++bad;
    }
  }
  CHECK(good >= 85);
  CHECK(bad >= 180);
}

TEST_CASE("json: values come through", "[net]") {
  CHECK(compact(R"( { "a" : [1, -2.5, true, null, "x\ty\u00e9\ud83d\ude00"] , "b" : {} } )") ==
        "{\"a\":[1,-2.5,true,null,\"x\\ty\xc3\xa9\xf0\x9f\x98\x80\"],\"b\":{}}");
  CHECK(compact("\"\"") == "\"\"");
  CHECK(compact("0") == "0");
  json_reader reader;
  const auto read = reader.read(R"({"a":{"b":{"c":1}},"d":2})");
  REQUIRE(read);
  REQUIRE((*read)->find("d") != nullptr);
  CHECK((*read)->find("d")->integer == 2);
  CHECK((*read)->find("c") == nullptr);
  CHECK((*read)->find("a")->find("b")->find("c")->integer == 1);
  int members = 0;
  for (const auto& member : **read) members += member.key.empty() ? 100 : 1;
  CHECK(members == 2);
}

TEST_CASE("json: malformed texts are refused with their place", "[net]") {
  CHECK(refusal_of("").what == kind::malformed);
  CHECK(refusal_of({}).what == kind::malformed);  // the body of a request without one: no text at all
  CHECK(refusal_of("   ").what == kind::malformed);
  CHECK(refusal_of(R"({"a":1}x)").detail.ends_with("at byte 7."));
  CHECK(refusal_of(R"({"a":tru})").detail.ends_with("at byte 8."));
  CHECK(refusal_of("\xEF\xBB\xBF{}").detail == "The body begins with a byte order mark.");
  CHECK(refusal_of("\"\xff\"").detail == "The body is not UTF-8.");
  const auto twice = refusal_of(R"({"a":{"b/c":1,"x":2,"b/c":3}})");
  CHECK(twice.what == kind::malformed);
  CHECK(twice.pointer == "/a/b~1c");
  // The same name, written differently.
  CHECK(refusal_of(R"({"a":1,"\u0061":2})").pointer == "/a");
}

TEST_CASE("json: nesting has a limit", "[net]") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(compact(nested(16)) == nested(16));
  CHECK(refusal_of(nested(17)).what == kind::malformed);
  CHECK(refusal_of(nested(100'000)).what == kind::malformed);
}

TEST_CASE("json: values that can't be stored are unacceptable", "[net]") {
  for (const std::string text :
       {R"({"a":["\u0000"]})", R"({"a":["\ud800"]})", R"({"a":["\udc00x"]})", R"({"a":["\ud800\u0041"]})",
        R"({"a":[9007199254740992]})", R"({"a":[-9007199254740992]})", R"({"a":[1e400]})", R"({"a":[1e16]})",
        R"({"a":[123456789012345678901234567890]})"}) {
    CAPTURE(text);
    const auto why = refusal_of(text);
    CHECK(why.what == kind::unacceptable);
    CHECK(why.pointer == "/a/0");
  }
  CHECK(refusal_of(R"({"a\u0000":1})").what == kind::unacceptable);
  CHECK(compact("[9007199254740991,-9007199254740991]") == "[9007199254740991,-9007199254740991]");
  // Broken grammar counts before a value that can't be stored.
  CHECK(refusal_of(R"({"a":1e400,})").what == kind::malformed);
}

TEST_CASE("json: a reader is good for another text after a refusal", "[net]") {
  json_reader reader;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(reader.read("{"));
    const auto read = reader.read("[" + std::to_string(i) + "]");
    REQUIRE(read);
    CHECK((*read)->begin().operator*().integer == i);
  }
}
