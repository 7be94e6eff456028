// Where a JSON text goes wrong. simdjson decides whether it does; this walks a refused text once more to say where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace usher::net {

struct json_fault {
  enum class kind { none, grammar, too_deep, lone_surrogate, number_range };
  kind what = kind::none;
  std::size_t offset = 0;  ///< in bytes
  std::string pointer;     ///< of the value around it
};

/// The first fault of a text; `none` when this walk finds none.
[[nodiscard]] json_fault locate_json_fault(std::string_view text, std::size_t depth_max);

}  // namespace usher::net
