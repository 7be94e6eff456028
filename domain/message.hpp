// Messages of a ticket, and the one function that says whether a message answers the customer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/caller.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

enum class visibility : std::uint8_t { public_, internal };
enum class channel : std::uint8_t { web, email, phone, chat, api };

[[nodiscard]] std::string_view to_word(visibility v) noexcept;
[[nodiscard]] std::optional<visibility> parse_visibility(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_word(channel c) noexcept;
[[nodiscard]] std::optional<channel> parse_channel(std::string_view word) noexcept;

struct message {
  message_id id;
  std::string author_id;
  role author_role = role::requester;
  visibility visible = visibility::public_;
  channel via = channel::web;
  bool automatic = false;  ///< an autoreply, an out-of-office note, a notification
  std::string body;
  instant created_at{};
};

/// What a message means to the clocks.
enum class message_meaning : std::uint8_t {
  customer_message,  ///< waits for an answer
  response,          ///< answers the customer
  neither,           ///< an internal note, an automatic reply, or Usher's own words
};

/// "Is it a response": one table over role, visibility, channel and automatic (sla-rules, rule 9).
[[nodiscard]] message_meaning meaning_of(role author, visibility visible, channel via, bool automatic) noexcept;

}  // namespace usher::domain
