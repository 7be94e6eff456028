// The port between what has to be told and how it is told: one notification, one try, one result.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::outbox {

/// What a channel is given to deliver. Which members matter is the channel's business.
struct notification {
  domain::uuid id;        ///< the same in every try: receivers tell repeats by it
  std::string event;      ///< e.g. `escalation.fired`
  std::string recipient;  ///< a URL, an e-mail address, a phone number in E.164, or whatever the log shall name
  std::string payload;    ///< webhook: the body, JSON
  std::string subject;    ///< email
  std::string text;       ///< email and sms: plain words
  /// webhook: the endpoint's secrets as bytes, the newest first; each signs.
  std::vector<std::string> secrets;
  std::optional<domain::ticket_id> ticket;  ///< for the log
};

enum class outcome : std::uint8_t {
  delivered,
  retry,     ///< not now; also when nobody knows whether it arrived
  rejected,  ///< never: the same try would fail again
  gone,      ///< the receiver asks to be told no more (410)
};

[[nodiscard]] std::string_view to_word(outcome o) noexcept;

inline constexpr std::size_t detail_bytes_max = 500;
/// A longer `Retry-After` is taken as this.
inline constexpr domain::milliseconds retry_after_max = std::chrono::hours{24};

struct delivery_result {
  outcome what = outcome::retry;
  int http_status = 0;  ///< 0 when there was no answer
  std::string detail;   ///< one line of printable ASCII for the record of tries; never a secret
  std::optional<domain::milliseconds> retry_after;

  /// Whether the channel itself did not work: what a breaker counts. That a receiver says no is no failure of it.
  [[nodiscard]] bool is_channel_failure() const noexcept { return what == outcome::retry; }
};

/// One way out. Safe to use from many threads.
class channel {
 public:
  virtual ~channel() = default;
  /// `log`, `webhook`, `email` or `sms`, as in `usher.outbox`.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Tries once, and blocks: for a worker thread. Ends by its total time limit, or within about a second after `stop`
  /// was requested (then the result is `retry`). Never throws.
  [[nodiscard]] virtual delivery_result deliver(const notification& what, std::stop_token stop = {}) const noexcept = 0;
};

}  // namespace usher::outbox
