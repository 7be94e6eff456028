// Takes the members of a JSON object one by one, and remembers what was wrong with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "net/json_reader.hpp"

namespace usher::net {

/// The members of one object. Every `take_…` reads a member once; what nobody has taken is unknown. Errors of nested
/// objects gather in the same list.
class body_fields {
 public:
  /// `object` may be anything: when it is no object, that is the error.
  body_fields(const json_value& object, std::string pointer, std::vector<domain::field_error>& errors);

  [[nodiscard]] const json_value* take(std::string_view name);
  /// A string of `least` to `most` characters. A missing member is an error when it is `required`.
  [[nodiscard]] std::optional<std::string> take_text(std::string_view name, std::size_t least, std::size_t most,
                                                     bool required = false);
  /// A word that `parse` knows.
  template <class T>
  [[nodiscard]] std::optional<T> take_word(std::string_view name, std::optional<T> (*parse)(std::string_view) noexcept,
                                           bool required = false) {
    const auto word = take_text(name, 0, 64, required);
    if (!word) return std::nullopt;
    auto value = parse(*word);
    if (!value) add(name, "is not one of the known words");
    return value;
  }

  void add(std::string_view name, std::string_view detail);
  /// An error of one element of a list.
  void add_at(std::string_view name, std::size_t index, std::string_view detail);
  void missing(std::string_view name) { add(name, "is required"); }
  [[nodiscard]] std::string pointer_to(std::string_view name) const;

  /// Adds an error for each member that was not taken.
  void refuse_the_rest();

 private:
  const json_value& object_;
  std::string pointer_;
  std::vector<domain::field_error>& errors_;
  std::vector<std::string_view> taken_;
};

/// All that was wrong, as one error.
[[nodiscard]] domain::error invalid_body(std::vector<domain::field_error> errors);

}  // namespace usher::net
