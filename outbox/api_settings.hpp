// Checks that the clients of providers' APIs share.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "outbox/egress.hpp"

namespace usher::outbox {

/// Something that may stand in a header: not empty, on one line, without control characters.
[[nodiscard]] inline bool is_header_text(std::string_view text) {
  return !text.empty() && text.size() <= 1000 &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// For start-up: throws std::invalid_argument, with the setting's name but not its value.
inline void require(bool ok, std::string_view setting) {
  if (!ok) throw std::invalid_argument(std::string(setting) + " is missing or malformed");
}

/// Without the slash at its end, so that paths can be appended.
[[nodiscard]] inline std::string checked_base_url(std::string url, std::string_view setting) {
  require(parse_target(url).has_value(), setting);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace usher::outbox
