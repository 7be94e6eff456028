#include "net/handler_tools.hpp"

#include <openssl/sha.h>

#include <charconv>

#include "domain/json_members.hpp"
#include "net/list_query.hpp"
#include "net/preconditions.hpp"
#include "net/problem.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

namespace {

std::string sha256(std::string_view text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

}  // namespace

std::optional<ticket_name> parse_ticket_name(std::string_view segment) noexcept {
  if (const auto id = domain::ticket_id::parse(segment)) return ticket_name{id, 0};
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(segment.data(), segment.data() + segment.size(), number);
  if (ec != std::errc() || end != segment.data() + segment.size() || number < 1 || segment.front() == '0')
    return std::nullopt;
  return ticket_name{std::nullopt, number};
}

const json_value* read_body(const request& in, services& with, responder& to) {
  auto body = with.json.read(in.body);
  if (body) return *body;
  auto& why = body.error();
  if (why.what == json_error::kind::unacceptable) {
    domain::error invalid(domain::errc::invalid, why.detail, {{why.pointer, why.detail}});
    to.fail(invalid);
    return nullptr;
  }
  refusal malformed;
  malformed.code = "malformed_json";
  malformed.detail = why.detail;
  if (!why.pointer.empty()) malformed.fields.push_back({why.pointer, why.detail});
  refuse(std::move(to), malformed);
  return nullptr;
}

void refuse(responder to, const refusal& why) {
  auto out = make_problem(why, to.in());
  to.send(std::move(out));
}

std::chrono::steady_clock::time_point deadline_of(const request& in, const services& with) {
  return in.received_at + with.door.bounds.request_timeout;
}

std::optional<submission> prepare(const request& in, const services& with, responder& to) {
  const auto version = expected_version(in.head, with.door.require_if_match);
  if (!version) {
    refuse(std::move(to), version.error());
    return std::nullopt;
  }
  submission out;
  out.by = *in.caller;
  out.expected_version = *version;
  out.deadline = deadline_of(in, with);
  return out;
}

bool read_key(const request& in, responder& to, std::optional<usher::idempotency>& out) {
  const auto key = idempotency_key(in.head);
  if (!key) {
    refuse(std::move(to), key.error());
    return false;
  }
  if (!*key) return true;
  auto& kept = out.emplace();
  kept.organization = in.caller->organization;
  kept.caller_sub = in.caller->sub;
  kept.route = in.path;
  kept.key = **key;
  kept.fingerprint = sha256(in.body);
  return true;
}

bool prepare_idempotency(const request& in, submission& out, responder& to,
                         std::function<stored_answer(const domain::change&)> render) {
  if (!read_key(in, to, out.idempotency)) return false;
  if (out.idempotency) out.idempotency->render = std::move(render);
  return true;
}

stored_answer render_ticket(const domain::change& what, int status) {
  stored_answer out;
  out.status = status;
  out.ticket = what.after->id;
  out.version = what.after->version;
  out.body.reserve(what.after->body.size() + what.after->subject.size() + 1536);
  encode_ticket(out.body, *what.after, what.at);
  return out;
}

namespace {

/// Where the thing is that a repeated request has made: below the collection that the request went to, by its name.
std::string location_of(const request& in, std::string_view body) {
  if (!in.path_parameters[0].empty()) return {};
  for (const auto& [name, value] : domain::json_members(body))
    if (name == "id" || name == "code")
      if (auto key = domain::json_string(value)) return std::string(in.path) + "/" + *key;
  return {};
}

}  // namespace

void send_stored(responder to, stored_answer answer, bool replayed) {
  response out;
  out.status = answer.status;
  if (answer.ticket) {
    if (answer.status == 201) {
      out.headers += "Location: /api/support/tickets/";
      domain::append_to(out.headers, answer.ticket->value);
      out.headers += "\r\n";
    }
    add_etag(out, answer.version);
  }
  if (replayed && answer.status == 201 && !answer.ticket)
    if (const auto location = location_of(to.in(), answer.body); !location.empty())
      add_header(out, "Location", location);
  if (replayed) add_header(out, "Idempotent-Replayed", "true");
  out.body = std::move(answer.body);
  to.send(std::move(out));
}

void send_kept(gateway& desk, responder to, claimed_key key, stored_answer answer) {
  if (!key.claim) return send_stored(std::move(to), std::move(answer), false);
  auto copy = answer;
  desk.keep(std::move(key), std::move(copy),
            domain::completion<std::monostate>(
                [to = std::move(to), answer = std::move(answer)](domain::result<std::monostate> kept) mutable {
                  if (!kept) return to.fail(kept.error());
                  send_stored(std::move(to), std::move(answer), false);
                }));
}

void send_records(gateway& desk, responder to, domain::record_query query) {
  const auto who = to.in().caller;
  desk.records(std::move(query), *who,
               domain::completion<domain::page<std::string>>(
                   [to = std::move(to)](domain::result<domain::page<std::string>> found) mutable {
                     if (!found) return to.fail(found.error());
                     auto out = to.make(200);
                     add_next_link(out, to.in(), found->next_cursor);
                     encode_records(out.body, *found);
                     to.send(std::move(out));
                   }));
}

}  // namespace usher::net
