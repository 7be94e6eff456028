#include "domain/organization.hpp"

#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, tier_count> tier_words{"ENTERPRISE", "PROFESSIONAL", "STARTER", "FREE"};

}  // namespace

std::string_view to_word(tier t) noexcept { return tier_words[static_cast<std::size_t>(t)]; }

std::optional<tier> parse_tier(std::string_view word) noexcept { return find_word<tier>(tier_words, word); }

}  // namespace usher::domain
