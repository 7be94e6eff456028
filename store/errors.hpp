// What the database refuses, and what it means to the desk.
#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>

#include "domain/error.hpp"

namespace usher::store {

/// Why a statement failed. `message` may quote values: it is for start-up errors and tests, not for the log of a
/// request.
struct sql_error {
  std::string sqlstate;  ///< five characters; empty when the server did not answer
  std::string message;
  std::string constraint;  ///< the name of the constraint that a row violates, if one does
  bool lost = false;       ///< the connection is gone
  bool timed_out = false;  ///< by our own timer; the connection is gone as well
};

template <class T>
using sql_result = std::expected<T, sql_error>;

/// The table from SQLSTATE to the desk's codes, by class, with the exceptions that matter.
[[nodiscard]] domain::errc to_errc(std::string_view sqlstate) noexcept;

/// As above, and a lost connection is `unavailable`, a duplicate idempotency key `idempotency_in_flight`.
[[nodiscard]] domain::errc to_errc(const sql_error& why) noexcept;

/// The error for the desk, without the database's words: those may quote what a customer wrote.
[[nodiscard]] domain::error to_error(const sql_error& why);

/// Whether the failure says nothing about the statement's values: the same may succeed later.
[[nodiscard]] bool is_passing(const sql_error& why) noexcept;

/// The database can't be reached, or not be used, by someone who can't go on without it.
class unavailable_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  explicit unavailable_error(const sql_error& why)
      : std::runtime_error("the database can't be used: " + why.message +
                           (why.sqlstate.empty() ? std::string() : " (SQLSTATE " + why.sqlstate + ")")) {}
};

}  // namespace usher::store
