// What handlers of several themes do alike.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "net/problem.hpp"
#include "net/router.hpp"

namespace usher::net {

/// A ticket as a path names it: by id or by number.
struct ticket_name {
  std::optional<domain::ticket_id> id;
  std::int64_t number = 0;
};

/// Nothing for a segment that is neither.
[[nodiscard]] std::optional<ticket_name> parse_ticket_name(std::string_view segment) noexcept;

/// The body as JSON. On an error the request has been answered, and the result is null.
[[nodiscard]] const json_value* read_body(const request& in, services& with, responder& to);

/// Answers with the problem document of what the protocol refuses.
void refuse(responder to, const refusal& why);

/// Until when the desk has to have answered.
[[nodiscard]] std::chrono::steady_clock::time_point deadline_of(const request& in, const services& with);

/// A submission with what every command has: caller, deadline, and the version of `If-Match`. On a refusal the request
/// has been answered, and there is none.
[[nodiscard]] std::optional<submission> prepare(const request& in, const services& with, responder& to);

/// Takes the key of an idempotent request into `out`; false when the request has been refused.
[[nodiscard]] bool prepare_idempotency(const request& in, submission& out, responder& to,
                                       std::function<stored_answer(const domain::change&)> render);

/// Sends what a change came to, or what was kept of the first request with the same key.
void send_stored(responder to, stored_answer answer, bool replayed);

/// Reads the key of the request, if it has one; false when the request has been refused.
[[nodiscard]] bool read_key(const request& in, responder& to, std::optional<usher::idempotency>& out);

/// For requests that are not one change of one ticket: answers a repeated one as the first time; else calls `next` with
/// the claim, which is empty for a request without a key.
template <class Next>
void with_key(const request& in, const services& with, responder to, Next next) {
  std::optional<usher::idempotency> key;
  if (!read_key(in, to, key)) return;
  if (!key) return next(claimed_key{}, std::move(to));
  with.desk().claim(std::move(*key), deadline_of(in, with),
                    domain::completion<claimed_key>(
                        [to = std::move(to), next = std::move(next)](domain::result<claimed_key> claimed) mutable {
                          if (!claimed) return to.fail(claimed.error());
                          if (claimed->replayed) return send_stored(std::move(to), std::move(*claimed->replayed), true);
                          next(std::move(*claimed), std::move(to));
                        }));
}

/// Keeps the answer under the request's key, if it has one, and sends it.
void send_kept(gateway& desk, responder to, claimed_key key, stored_answer answer);

/// Fills in the id behind a number, then calls `next` with the id and the responder, on whatever thread.
template <class Next>
void with_ticket(const ticket_name& name, const request& in, const services& with, responder to, Next next) {
  if (name.id) return next(*name.id, std::move(to));
  with.desk().find(name.number, *in.caller,
                   domain::completion<domain::ticket_id>(
                       [to = std::move(to), next = std::move(next)](domain::result<domain::ticket_id> found) mutable {
                         if (!found) return to.fail(found.error());
                         next(*found, std::move(to));
                       }));
}

/// Asks for a page of records and sends it, with the link to the next one.
void send_records(gateway& desk, responder to, domain::record_query query);

/// The answer to a change of a ticket: the ticket as it is after it, at the instant of the change.
[[nodiscard]] stored_answer render_ticket(const domain::change& what, int status);

}  // namespace usher::net
