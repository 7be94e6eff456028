// The grammar of a request's header, by Beast's parser, without a copy of anything.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http.hpp"

namespace usher::net {

/// How far a header has come.
struct head_scan {
  enum class outcome { incomplete, complete, hopeless };
  outcome what = outcome::incomplete;
  std::size_t size = 0;  ///< of a complete header, with the empty line
};

/// Looks for the end of a header in what has been received. `resume` is where the last look ended (0 at first) and is
/// moved on. What can't become a header any more (a bare line feed, a control character, no method in front) is
/// hopeless at once, so that nobody waits for its end.
[[nodiscard]] head_scan scan_head(std::string_view received, std::size_t& resume) noexcept;

/// Parses one complete header. The views in `out` point into `text`. False when the grammar is broken; `out` then holds
/// what was understood before.
[[nodiscard]] bool parse_head(std::string_view text, request_head& out);

}  // namespace usher::net
