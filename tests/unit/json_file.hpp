// Reads a file of test data as JSON.
#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

namespace usher::test {

/// The parser keeps the document alive.
struct json_file {
  simdjson::dom::parser parser;
  simdjson::dom::element root;

  /// `name` is relative to the folder of test data.
  explicit json_file(std::string_view name) {
    root = parser.load(std::string(USHER_TEST_DATA) + "/" + std::string(name));
  }
};

}  // namespace usher::test
