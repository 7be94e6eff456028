// Reading answers, writing requests.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace usher::test {

/// A value of a parsed document, which it keeps alive. Places are RFC 6901 pointers (`/sla/0/state`); asking for what
/// is not there throws `std::runtime_error`, which fails the test with the document in the message.
class json {
 public:
  explicit json(std::string_view text);

  [[nodiscard]] bool has(std::string_view pointer) const;
  [[nodiscard]] json at(std::string_view pointer) const;
  [[nodiscard]] std::string text(std::string_view pointer = "") const;
  [[nodiscard]] std::int64_t number(std::string_view pointer = "") const;
  [[nodiscard]] double real(std::string_view pointer = "") const;
  [[nodiscard]] bool truth(std::string_view pointer = "") const;
  [[nodiscard]] bool is_null(std::string_view pointer = "") const;
  [[nodiscard]] std::vector<json> items(std::string_view pointer = "") const;
  /// The value as compact text.
  [[nodiscard]] std::string dump() const;

 private:
  json(std::shared_ptr<simdjson::dom::parser> parser, simdjson::dom::element value)
      : parser_(std::move(parser)), value_(value) {}
  template <class T>
  [[nodiscard]] T get(std::string_view pointer) const;
  [[nodiscard]] simdjson::dom::element find(std::string_view pointer) const;

  std::shared_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element value_;
};

/// `text` as a JSON string, with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace usher::test
