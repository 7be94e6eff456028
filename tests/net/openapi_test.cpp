// The table of routes and the OpenAPI document say the same, both ways: paths, methods, roles, query parameters,
// bodies. What the document promises and the server does not have yet stands in tests/openapi/not_yet.json, and nothing
// else.
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "domain/error.hpp"
#include "net/embedded_files.hpp"
#include "net/router.hpp"

using namespace usher;
using simdjson::dom::element;

namespace {

struct operation {
  std::string role;  ///< empty when it is open
  std::set<std::string> parameters;
  bool takes_json = false;

  bool operator==(const operation&) const = default;
};

/// By method and path: `GET /livez`.
using operations = std::map<std::string, operation>;

std::string text_of(element e) { return std::string(std::string_view(e)); }

class document {
 public:
  document() {
    const auto* file = net::find_embedded_file("openapi.json");
    REQUIRE(file != nullptr);
    root_ = parser_.parse(simdjson::padded_string(file->bytes));
    not_yet_ = list_parser_.load(USHER_SOURCE_TREE "/tests/openapi/not_yet.json");
  }

  [[nodiscard]] element root() const { return root_; }

  [[nodiscard]] operations all() const {
    operations out;
    for (auto [path, item] : root_["paths"].get_object()) {
      for (auto [method, op] : item.get_object()) {
        if (method == "parameters") continue;
        std::string name(method);
        std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        name += ' ';
        name += path;
        out[name] = read(op);
      }
    }
    return out;
  }

  [[nodiscard]] std::set<std::string> operations_not_yet() const { return strings(not_yet_["operations"]); }

  [[nodiscard]] std::set<std::string> parameters_not_yet(const std::string& name) const {
    element found;
    if (not_yet_["parameters"].get_object().at_key(name).get(found) != simdjson::SUCCESS) return {};
    return strings(found);
  }

 private:
  [[nodiscard]] static std::set<std::string> strings(element list) {
    std::set<std::string> out;
    for (auto one : list.get_array()) out.insert(text_of(one));
    return out;
  }

  [[nodiscard]] operation read(element op) const {
    operation out;
    element role;
    if (op["x-usher-role"].get(role) == simdjson::SUCCESS) out.role = text_of(role);
    element body;
    out.takes_json = op["requestBody"].get(body) == simdjson::SUCCESS;
    simdjson::dom::array list;
    if (op["parameters"].get(list) != simdjson::SUCCESS) return out;
    for (auto parameter : list) {
      const auto where = text_of(parameter["$ref"]).substr(1);
      auto found = root_.at_pointer(where);
      if (text_of(found["in"]) == "query") out.parameters.insert(text_of(found["name"]));
    }
    return out;
  }

  simdjson::dom::parser parser_;
  simdjson::dom::parser list_parser_;
  element root_;
  element not_yet_;
};

operations served() {
  operations out;
  for (const auto& route : net::all_routes()) {
    operation op;
    if (route.least) op.role = domain::to_word(*route.least);
    for (auto name : route.parameters) op.parameters.emplace(name);
    op.takes_json = route.takes_json;
    out[std::string(net::to_word(route.how)) + " " + std::string(route.path)] = op;
  }
  return out;
}

}  // namespace

TEST_CASE("openapi: every route is documented with its role, its query parameters and its body", "[openapi]") {
  const document doc;
  const auto documented = doc.all();
  for (const auto& [name, op] : served()) {
    CAPTURE(name);
    REQUIRE(documented.contains(name));
    CHECK_FALSE(doc.operations_not_yet().contains(name));
    auto promised = documented.at(name);
    for (const auto& late : doc.parameters_not_yet(name)) {
      CAPTURE(late);
      CHECK(promised.parameters.erase(late) == 1);
      CHECK_FALSE(op.parameters.contains(late));
    }
    CHECK(op.role == promised.role);
    CHECK(op.parameters == promised.parameters);
    CHECK(op.takes_json == promised.takes_json);
  }
}

TEST_CASE("openapi: every documented operation is a route", "[openapi]") {
  const document doc;
  const auto routes = served();
  for (const auto& [name, op] : doc.all()) {
    CAPTURE(name);
    CHECK(routes.contains(name) != doc.operations_not_yet().contains(name));
    // Whoever logs in has no token yet.
    CHECK(op.role.empty() == (!name.contains(" /api/") || name == "POST /api/support/session"));
  }
  for (const auto& name : doc.operations_not_yet()) {
    CAPTURE(name);
    CHECK(doc.all().contains(name));
  }
}

TEST_CASE("openapi: every code of the domain is one of the document's", "[openapi]") {
  const document doc;
  std::set<std::string> codes;
  for (auto code : doc.root().at_pointer("/components/schemas/ProblemCode/enum").get_array())
    codes.insert(text_of(code));
  for (int i = 0; i < domain::errc_count; ++i) {
    const auto word = domain::to_word(static_cast<domain::errc>(i));
    CAPTURE(word);
    CHECK(codes.contains(std::string(word)));
  }
}

TEST_CASE("openapi: what is embedded has a tag of its own and a compressed twin", "[openapi]") {
  std::set<std::string_view> tags;
  for (const auto& file : net::embedded_files()) {
    CAPTURE(file.name);
    CHECK_FALSE(file.bytes.empty());
    CHECK(file.gzip.starts_with("\x1f\x8b"));
    CHECK(tags.insert(file.etag).second);
    CHECK(net::find_embedded_file(file.name) == &file);
  }
  // The document, the page that shows it with its three parts, and the console with its two.
  CHECK(tags.size() == 8);
  CHECK(net::find_embedded_file("nothing") == nullptr);
}
