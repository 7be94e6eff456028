// What an answer means for a notification.
#pragma once

#include <string>
#include <string_view>

#include "outbox/channel.hpp"
#include "outbox/http_client.hpp"

namespace usher::outbox {

/// A receiver of webhooks: whatever it says but 2xx and 410 may be mended within the days of retries.
[[nodiscard]] delivery_result webhook_result(const http_answer& answer);

/// A provider's API: what it finds wrong with the message (4xx) stays wrong. What is wrong with our account (401, 402,
/// 403), its load (408, 425, 429) and its health (5xx, redirects) may change.
[[nodiscard]] delivery_result api_result(const http_answer& answer);

[[nodiscard]] delivery_result rejected(std::string_view why);

/// Up to `detail_bytes_max` bytes; what is not printable ASCII becomes `?`, line ends become spaces.
[[nodiscard]] std::string one_line(std::string_view text);

/// Calls `work` and turns what it throws into `retry`.
template <class Work>
[[nodiscard]] delivery_result guarded(const Work& work) noexcept {
  try {
    return work();
  } catch (...) {
    return {};  // out of memory: no room for words either
  }
}

}  // namespace usher::outbox
