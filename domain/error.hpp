// What can go wrong, in words that no protocol owns. `net` maps a code to a status, `store` maps a SQLSTATE to a code.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace usher::domain {

enum class errc : std::uint8_t {
  invalid,                 ///< well-formed, but a value is not acceptable
  bad_cursor,              ///< a list's cursor is not one of ours, or belongs to another list
  not_found,               ///< there is none, or the caller may not know of it
  forbidden,               ///< the caller's role may not do this
  conflict,                ///< not possible in the state that the thing is in
  version_mismatch,        ///< the caller's `If-Match` is not the current version
  idempotency_key_reused,  ///< the key was used with another body
  idempotency_in_flight,   ///< the first request with this key has not ended
  overloaded,              ///< a bounded queue is full; nothing was done
  unavailable,             ///< the store can't be reached; nothing was done, or its outcome is not known
  timed_out,               ///< the deadline passed before an answer came; the outcome is not known
  quarantined,             ///< the ticket crashed too often and waits for a person
  shutting_down,           ///< the desk drains and takes nothing new
  frozen,                  ///< a wedding day's freeze holds the change back
  rejected_by_store,       ///< the database refuses the value; nothing was done
  internal,                ///< a broken invariant
};

inline constexpr int errc_count = static_cast<int>(errc::internal) + 1;

/// The stable word of a code, e.g. `version_mismatch`.
[[nodiscard]] std::string_view to_word(errc code) noexcept;

/// One sentence for people.
[[nodiscard]] std::string_view to_sentence(errc code) noexcept;

/// One invalid part of an input. `pointer` is an RFC 6901 pointer into the request's body.
struct field_error {
  std::string pointer;
  std::string detail;
};

struct error {
  errc code = errc::internal;
  std::string detail;
  std::vector<field_error> fields;
  std::chrono::seconds retry_after{0};  ///< when it makes sense to come again; 0: as the code has it

  error() = default;
  explicit error(errc what) : code(what), detail(to_sentence(what)) {}
  error(errc what, std::string why) : code(what), detail(std::move(why)) {}
  error(errc what, std::string why, std::vector<field_error> where)
      : code(what), detail(std::move(why)), fields(std::move(where)) {}
};

template <class T>
using result = std::expected<T, error>;

[[nodiscard]] inline std::unexpected<error> fail(errc code) { return std::unexpected(error(code)); }
[[nodiscard]] inline std::unexpected<error> fail(errc code, std::string detail) {
  return std::unexpected(error(code, std::move(detail)));
}
/// An invalid value at one place.
[[nodiscard]] inline std::unexpected<error> fail_field(std::string pointer, std::string detail) {
  std::string summary = detail;
  return std::unexpected(error(errc::invalid, std::move(summary), {{std::move(pointer), std::move(detail)}}));
}

}  // namespace usher::domain
