#include "domain/caller.hpp"

#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, 7> role_words{"requester", "agent", "supervisor", "manager",
                                                     "executive", "admin", "system"};

}  // namespace

std::string_view to_word(role r) noexcept { return role_words[static_cast<std::size_t>(r)]; }

std::optional<role> parse_role(std::string_view word) noexcept {
  auto found = find_word<role>(role_words, word);
  return found == role::system ? std::nullopt : found;
}

}  // namespace usher::domain
