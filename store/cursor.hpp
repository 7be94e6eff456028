// Where a page of a list ended, as opaque text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"

namespace usher::store {

/// The place after the last row of a page, in a list's order.
struct place {
  bool in_nulls = false;    ///< among the rows without a value of the sort's key, which come last
  std::int64_t key = 0;     ///< the sort's key
  std::int64_t second = 0;  ///< what orders rows of the same key, before the id; not used by every sort
  domain::uuid id;

  bool operator==(const place&) const = default;
};

/// What tells a list from every other one (sort, filters, who asks), mixed into one number.
class list_fingerprint {
 public:
  list_fingerprint& add(std::string_view text) noexcept;
  list_fingerprint& add(std::int64_t number) noexcept;
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;  // FNV-1a, 64 bits
};

/// base64url without padding.
[[nodiscard]] std::string to_cursor(const place& where, const list_fingerprint& list);
/// Nothing when the text is not a cursor, or is one of another list.
[[nodiscard]] std::optional<place> parse_cursor(std::string_view text, const list_fingerprint& list);

}  // namespace usher::store
