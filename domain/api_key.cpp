#include "domain/api_key.hpp"

#include <algorithm>

#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, 4> scope_words{"tickets:read", "tickets:write", "read", "write"};
constexpr std::string_view sub_prefix = "key:";
constexpr std::string_view tickets = "/api/support/tickets";
constexpr milliseconds stamp_interval = std::chrono::minutes(1);

}  // namespace

std::string_view to_word(key_scope s) noexcept { return scope_words[static_cast<std::size_t>(s)]; }

std::optional<key_scope> parse_key_scope(std::string_view word) noexcept {
  return find_word<key_scope>(scope_words, word);
}

bool scopes_allow(std::span<const key_scope> scopes, bool asks, std::string_view path) noexcept {
  const bool of_tickets = path == tickets || (path.starts_with(tickets) && path[tickets.size()] == '/');
  return std::ranges::any_of(scopes, [&](key_scope each) {
    switch (each) {
      case key_scope::tickets_read:
        return of_tickets && asks;
      case key_scope::tickets_write:
        return of_tickets && !asks;
      case key_scope::read:
        return asks;
      case key_scope::write:
        return true;
    }
    return false;
  });
}

void use_stamp::note(instant now) noexcept {
  const auto ms = now.time_since_epoch().count();
  if (ms - at_.load(std::memory_order_relaxed) >= stamp_interval.count()) at_.store(ms, std::memory_order_relaxed);
}

std::optional<instant> use_stamp::last() const noexcept {
  const auto ms = at_.load(std::memory_order_relaxed);
  if (ms == 0) return std::nullopt;
  return instant(milliseconds(ms));
}

caller api_key::caller() const { return {std::string(sub_prefix) + to_string(id), role, organization}; }

bool is_api_key(const caller& who) noexcept { return who.sub.starts_with(sub_prefix); }

std::shared_ptr<const api_key> find_api_key(const api_key_table& among, const api_key_id& id) {
  const auto found = std::ranges::find_if(among, [&](const auto& each) { return each.second->id == id; });
  return found == among.end() ? nullptr : found->second;
}

}  // namespace usher::domain
