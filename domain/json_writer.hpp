// Writes JSON by appending to a string. Reading JSON is the front door's business (simdjson); writing is needed
// wherever a value becomes text: answers, audit details, log lines.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// Appends `text` as a JSON string with its quotes. `text` is UTF-8; control characters, quotes and backslashes are
/// escaped, the rest is copied.
void append_json_string(std::string& out, std::string_view text);

/// Keeps track of commas; whoever uses it keeps track of the nesting.
class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// The key of the next value. `name` is written by us and needs no escaping… unless a caller chose it: use
  /// `escaped_key` then.
  void key(std::string_view name) {
    comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    fresh_ = true;
  }
  void escaped_key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ':';
    fresh_ = true;
  }

  void value(std::string_view text) {
    comma();
    append_json_string(out_, text);
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool b) { raw(b ? "true" : "false"); }
  void value(std::nullptr_t) { raw("null"); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void value(T number) {
    char buffer[24];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    raw({buffer, static_cast<std::size_t>(end - buffer)});
  }
  /// Shortest form that reads back the same; not-a-number and infinities become null.
  template <std::floating_point T>
  void value(T number) {
    if (!std::isfinite(number)) return value(nullptr);
    char buffer[64];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    raw({buffer, static_cast<std::size_t>(end - buffer)});
  }
  void value(instant at) {
    comma();
    out_ += '"';
    append_rfc3339(out_, at);
    out_ += '"';
  }
  void value(const uuid& id) {
    comma();
    out_ += '"';
    append_to(out_, id);
    out_ += '"';
  }
  template <class Tag>
  void value(const id<Tag>& id) {
    value(id.value);
  }
  /// Nothing is null.
  template <class T>
  void value(const std::optional<T>& maybe) {
    if (maybe)
      value(*maybe);
    else
      value(nullptr);
  }

  template <class T>
  void member(std::string_view name, const T& v) {
    key(name);
    value(v);
  }
  /// Text that is JSON already.
  void raw(std::string_view json) {
    comma();
    out_ += json;
  }
  void raw_member(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }

 private:
  void open(char bracket) {
    comma();
    out_ += bracket;
    fresh_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    fresh_ = false;
  }
  void comma() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }

  std::string& out_;
  bool fresh_ = true;  ///< nothing stands before the next value in its object or array
};

}  // namespace usher::domain
