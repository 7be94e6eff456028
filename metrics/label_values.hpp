// The values that labels take: all of them are known when the program starts, so no customer can add one.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "domain/category.hpp"
#include "domain/escalation.hpp"
#include "domain/message.hpp"
#include "domain/organization.hpp"
#include "domain/sla_clock.hpp"

namespace usher::metrics {

inline constexpr std::array clocks{domain::clock_kind::first_response, domain::clock_kind::next_response,
                                   domain::clock_kind::resolution};
inline constexpr std::array tiers{domain::tier::enterprise, domain::tier::professional, domain::tier::starter,
                                  domain::tier::free};
inline constexpr std::array priorities{domain::priority::critical, domain::priority::high, domain::priority::medium,
                                       domain::priority::low};
inline constexpr std::array channels{domain::channel::web, domain::channel::email, domain::channel::phone,
                                     domain::channel::chat, domain::channel::api};
/// By `actor_kind`.
inline constexpr std::array<std::string_view, 7> actor_kinds{"desk",   "shard", "ticket", "level",
                                                             "roster", "agent", "monitor"};
/// How a ticket came by its category; the last one stands for any other word.
inline constexpr std::array<std::string_view, 7> verdict_methods{"caller", "default",       "pattern", "model",
                                                                 "llm",    "pattern+model", "other"};
/// Of requests to a language model; the last one stands for any other word.
inline constexpr std::array<std::string_view, 6> llm_outcomes{"answered", "rejected", "timed_out",
                                                              "failed",   "skipped",  "other"};
/// Of a try to deliver a notification; the last one stands for any other word.
inline constexpr std::array<std::string_view, 4> delivery_outcomes{"delivered", "retried", "given_up", "other"};
/// Why a request or a connection was turned away, and what it was; the last one stands for any other word.
inline constexpr std::array<std::string_view, 7> refusal_reasons{
    "overload", "caller", "organization", "address", "connections", "connections_of_address", "other"};
inline constexpr std::array<std::string_view, 6> refused_classes{"urgent", "write",      "read",
                                                                 "list",   "connection", "other"};
inline constexpr std::array<std::string_view, 5> delivery_channels{"log", "webhook", "email", "sms", "other"};

template <class Enum>
[[nodiscard]] constexpr std::size_t index(Enum e) noexcept {
  return static_cast<std::size_t>(e);
}

/// The word's place; the last one for a word that is not there.
template <std::size_t Size>
[[nodiscard]] constexpr std::size_t index_of(const std::array<std::string_view, Size>& words,
                                             std::string_view word) noexcept {
  for (std::size_t i = 0; i + 1 < Size; ++i) {
    if (words[i] == word) return i;
  }
  return Size - 1;
}

[[nodiscard]] std::string word(auto e) { return std::string(to_word(e)); }

}  // namespace usher::metrics
