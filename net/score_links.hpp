// Links by which a customer scores a resolution without a login.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ticket.hpp"

namespace usher::net {

/// What a link stands for.
struct score_link {
  domain::ticket_id ticket;
  int cycle = 1;
};

/// A link names a ticket and a cycle, signed with HMAC-SHA256: whoever has it may score that resolution, once, and
/// nothing else. Thread-safe.
class score_links {
 public:
  /// `base` tells where the desk is reached from outside, without a slash at the end.
  score_links(std::string secret, std::function<std::string()> base)
      : secret_(std::move(secret)), base_(std::move(base)) {}

  [[nodiscard]] std::string link_to(const domain::ticket& t) const;
  /// Nothing for a token that was not made here.
  [[nodiscard]] std::optional<score_link> read(std::string_view token) const;

 private:
  [[nodiscard]] std::string sign(std::string_view what) const;

  std::string secret_;
  std::function<std::string()> base_;
};

}  // namespace usher::net
