#include "domain/message.hpp"

#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, 2> visibility_words{"public", "internal"};
constexpr std::array<std::string_view, 5> channel_words{"web", "email", "phone", "chat", "api"};

using enum message_meaning;

/// Whose words they are, as far as the clocks care.
enum class side : std::uint8_t { customer, staff, usher };

constexpr side side_of(role author) noexcept {
  switch (author) {
    case role::requester:
      return side::customer;
    case role::system:
      return side::usher;
    default:
      return side::staff;
  }
}

// The channel has a column each so that a channel that comes to mean something else is one word here. The rows that are
// not in the table (internal, automatic, Usher's own) mean nothing to the clocks over any channel.
constexpr std::array<std::array<message_meaning, channel_words.size()>, 3> meaning_of_spoken{{
    //  web               email             phone             chat              api
    {customer_message, customer_message, customer_message, customer_message, customer_message},  // customer
    {response, response, response, response, response},                                          // staff
    {neither, neither, neither, neither, neither},                                               // usher
}};

}  // namespace

std::string_view to_word(visibility v) noexcept { return visibility_words[static_cast<std::size_t>(v)]; }

std::optional<visibility> parse_visibility(std::string_view word) noexcept {
  return find_word<visibility>(visibility_words, word);
}

std::string_view to_word(channel c) noexcept { return channel_words[static_cast<std::size_t>(c)]; }

std::optional<channel> parse_channel(std::string_view word) noexcept { return find_word<channel>(channel_words, word); }

message_meaning meaning_of(role author, visibility visible, channel via, bool automatic) noexcept {
  if (visible == visibility::internal || automatic) return neither;
  return meaning_of_spoken[static_cast<std::size_t>(side_of(author))][static_cast<std::size_t>(via)];
}

}  // namespace usher::domain
