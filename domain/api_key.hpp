// Keys of machines: what one is, and what its scopes let it do. Pure, but for the note of its last use.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/caller.hpp"
#include "domain/time.hpp"

namespace usher::domain {

using api_key_id = id<struct api_key_tag>;
/// SHA-256 of the key's text: all that is kept of it.
using api_key_hash = std::array<std::uint8_t, 32>;

/// What a key may do of that which its role may.
enum class key_scope : std::uint8_t {
  tickets_read,   ///< GET below `/api/support/tickets`
  tickets_write,  ///< every other method there
  read,           ///< every GET
  write,          ///< everything
};
[[nodiscard]] std::string_view to_word(key_scope s) noexcept;
[[nodiscard]] std::optional<key_scope> parse_key_scope(std::string_view word) noexcept;

/// Whether one of the scopes covers a route: `asks` is GET, `path` the route's template.
[[nodiscard]] bool scopes_allow(std::span<const key_scope> scopes, bool asks, std::string_view path) noexcept;

/// When a key was last used since the desk started. Thread-safe, and written once a minute at most.
class use_stamp {
 public:
  void note(instant now) noexcept;
  [[nodiscard]] std::optional<instant> last() const noexcept;

 private:
  std::atomic<std::int64_t> at_{0};
};

struct api_key {
  api_key_id id;
  std::optional<organization_id> organization;  ///< what it belongs to or is narrowed to; nothing: the desk
  std::string name;
  std::string prefix;  ///< the beginning of its text, by which people tell it from others
  api_key_hash hash{};
  domain::role role = domain::role::requester;
  std::vector<key_scope> scopes;
  std::optional<instant> expires_at{};
  instant created_at{};
  std::string created_by{};
  std::shared_ptr<use_stamp> used = std::make_shared<use_stamp>();  ///< of all copies

  [[nodiscard]] bool holds(instant now) const noexcept { return !expires_at || now < *expires_at; }
  /// Who asks with it: its `sub` is `key:ID`.
  [[nodiscard]] domain::caller caller() const;
};

/// Whether a caller is a key and no person.
[[nodiscard]] bool is_api_key(const caller& who) noexcept;

using api_key_table = std::map<api_key_hash, std::shared_ptr<const api_key>>;
using api_key_table_ptr = std::shared_ptr<const api_key_table>;
[[nodiscard]] std::shared_ptr<const api_key> find_api_key(const api_key_table& among, const api_key_id& id);

}  // namespace usher::domain
