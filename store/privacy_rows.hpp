// What is held about a person, and where: the statements of exports and erasures. They run as `usher_eraser`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/privacy_office.hpp"
#include "store/connection.hpp"

namespace usher::store {

/// Who is asked about: within one organization, or in all.
struct person {
  domain::subject_kind kind = domain::subject_kind::email;
  std::string text;
  std::optional<domain::organization_id> owner;
};

/// A statement with the name of the table that it takes something out of, as the certificate says it.
struct scrub {
  std::string table;
  statement what;
};

/// Tickets whose requester the person is; `$1` person, `$2` is it an address, `$3` organization or nil.
[[nodiscard]] statement tickets_of(const person& who);
/// All that is held about the person as one JSON document.
[[nodiscard]] statement export_of(const person& who);

/// Whether the kept answer `x` is about a ticket: by its own column, by the path that the request went to, or since it
/// shows it among others. `ticket` is an expression.
[[nodiscard]] std::string kept_about(const std::string& ticket);

/// What hangs on a ticket whose own texts have been erased by its actor. `who` may be empty.
[[nodiscard]] std::vector<scrub> scrubs_of_ticket(const domain::ticket_id& id, const domain::uuid& erasure,
                                                  const std::string& who);
/// What the person has left elsewhere: messages on other people's tickets, entries of the trail, kept answers, mail.
[[nodiscard]] std::vector<scrub> scrubs_of_person(const person& who, const domain::uuid& erasure);

/// What there is of one of the desk's people beside the record itself: that one has to be there still.
[[nodiscard]] std::vector<scrub> scrubs_of_agent(const std::string& id);

/// An erasure as the API shows it, and why it was refused: `SELECT … FROM usher.erasures e`. With what was found, if
/// that is wanted.
[[nodiscard]] const std::string& select_erasures(bool with_found);
/// Ends an erasure with its certificate; `$1` its id, `$2` when, `$3` counts that belong to no ticket.
[[nodiscard]] const std::string& finish_erasure_sql();

}  // namespace usher::store
