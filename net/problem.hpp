// Errors as problem documents (RFC 9457), and the one table from the domain's codes to statuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/error.hpp"
#include "net/http.hpp"

namespace usher::net {

/// What the protocol refuses by itself. `code` is a stable word.
struct refusal {
  int status = 400;
  std::string_view code;
  std::string detail;
  std::vector<domain::field_error> fields;
  bool close = false;
  std::string headers;           ///< lines of `add_header`, e.g. `Allow`
  std::string_view list_name{};  ///< of a further member, whose value is the JSON text `list`; empty: none
  std::string list{};
};

/// The status of a code of the domain.
[[nodiscard]] int status_of(domain::errc code) noexcept;
/// Seconds of `Retry-After`; 0 when there is none.
[[nodiscard]] int retry_after_seconds(domain::errc code) noexcept;

/// The reason phrase of a status that Usher uses.
[[nodiscard]] std::string_view reason_of(int status) noexcept;

/// `out`, as the problem document of an error, for the request `in`.
[[nodiscard]] response make_problem(const domain::error& why, const request& in, std::string buffer = {});
/// The document itself, for an answer that carries several.
[[nodiscard]] std::string problem_text(const domain::error& why, const request& in);
[[nodiscard]] response make_problem(const refusal& why, const request& in, std::string buffer = {});

}  // namespace usher::net
