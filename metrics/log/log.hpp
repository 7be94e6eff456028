// The log: one JSON object a line on stderr.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace usher::log {

enum class level : std::uint8_t { debug, info, warn, error };

/// One member of a line. Give ids and numbers, never what a customer wrote and never a secret.
struct field {
  std::string_view key;
  std::string text;
  bool quoted = true;

  field(std::string_view name, std::string value) : key(name), text(std::move(value)) {}
  field(std::string_view name, std::string_view value) : key(name), text(value) {}
  field(std::string_view name, const char* value) : key(name), text(value) {}
  template <class T>
  requires std::is_arithmetic_v<T> field(std::string_view name, T value)
      : key(name), text(number(value)), quoted(false) {}

 private:
  template <class T>
  static std::string number(T value) {
    if constexpr (std::is_same_v<T, bool>) return value ? "true" : "false";
    return std::to_string(value);
  }
};

/// Starts the log: lines of `least` and above go to stderr. Before it is called, lines of `info` and above do.
void start(level least);

/// `debug`, `info`, `warn` or `error`; anything else is false and leaves `out` alone.
[[nodiscard]] bool parse_level(std::string_view word, level& out) noexcept;

[[nodiscard]] bool enabled(level l) noexcept;

/// Writes `{"at": …, "level": …, "message": …, …fields}`. Thread-safe.
void write(level l, std::string_view message, std::initializer_list<field> fields = {});

inline void debug(std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::error, message, fields);
}

}  // namespace usher::log
