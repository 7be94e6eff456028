// Tokens that were verified a moment ago. Bounded, and for one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/jwt.hpp"

namespace usher::net {

/// Two generations: when the young one is full it becomes the old one, and what was not asked for meanwhile is
/// forgotten with the generation before. Only verified tokens get in, so nobody can fill it without a key.
class token_cache {
 public:
  explicit token_cache(std::size_t tokens_max) : generation_max_(tokens_max / 2 + 1) {}

  /// Forgets all when the keys have been replaced since.
  void follow(std::uint64_t keys) {
    if (keys == keys_of_) return;
    keys_of_ = keys;
    young_.clear();
    old_.clear();
  }

  /// The caller of a token; null when it is unknown or has expired.
  [[nodiscard]] std::shared_ptr<const domain::caller> find(std::string_view token, domain::instant now) {
    auto at = young_.find(token);
    if (at == young_.end()) {
      at = old_.find(token);
      if (at == old_.end()) return nullptr;
      at = insert(std::string(token), entry(at->second));
    }
    return now < at->second.expires ? at->second.caller : nullptr;
  }

  std::shared_ptr<const domain::caller> add(std::string_view token, verified_token found) {
    entry made{std::make_shared<const domain::caller>(std::move(found.caller)), found.expires};
    return insert(std::string(token), std::move(made))->second.caller;
  }

 private:
  struct entry {
    std::shared_ptr<const domain::caller> caller;
    domain::instant expires{};
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view token) const noexcept { return std::hash<std::string_view>{}(token); }
  };
  using generation = std::unordered_map<std::string, entry, hash, std::equal_to<>>;

  generation::iterator insert(std::string token, entry what) {
    if (young_.size() >= generation_max_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return young_.insert_or_assign(std::move(token), std::move(what)).first;
  }

  std::size_t generation_max_;
  std::uint64_t keys_of_ = 0;
  generation young_;
  generation old_;
};

}  // namespace usher::net
