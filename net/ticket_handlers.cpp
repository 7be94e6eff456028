#include <array>

#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/preconditions.hpp"
#include "net/similar_things.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

namespace {

/// The ticket of the path; the request is answered with 404 when the path names none.
std::optional<ticket_name> ticket_of(const request& in, responder& to) {
  auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) to.fail(error(errc::not_found));
  return name;
}

/// Submits a change of an existing ticket and answers with it, or with nothing when `status` is 204.
void submit_change(const request& in, services& with, responder to, const ticket_name& name,
                   domain::ticket_command command, int status) {
  auto prepared = prepare(in, with, to);
  if (!prepared) return;
  const auto render = [status](const domain::change& change) { return render_ticket(change, status); };
  if (in.how == method::post && !prepare_idempotency(in, *prepared, to, render)) return;
  prepared->command = std::move(command);
  auto& desk = with.desk();
  auto send = [&desk, status, what = std::move(*prepared)](domain::ticket_id id, responder back) mutable {
    what.id = id;
    desk.submit(std::move(what),
                domain::completion<outcome>([status, back = std::move(back)](result<outcome> done) mutable {
                  if (!done) return back.fail(done.error());
                  if (done->replayed) return send_stored(std::move(back), std::move(*done->replayed), true);
                  if (status != 204) return send_stored(std::move(back), render_ticket(done->what, status), false);
                  back.send(back.make(204));
                }));
  };
  with_ticket(name, in, with, std::move(to), std::move(send));
}

constexpr std::array<std::string_view, 1> ticket_get_names{"include"};

/// The ticket with what is like it, which no ETag names: it is never answered with 304.
void send_with_similar(gateway& desk, responder to, domain::ticket_ptr ticket, domain::instant now) {
  const auto caller = to.in().caller;
  const auto& what = *ticket;
  auto send = [now, ticket = std::move(ticket), to = std::move(to)](result<similar_things> alike) mutable {
    if (!alike) return to.fail(alike.error());
    auto out = to.make(200);
    add_etag(out, ticket->version);
    encode_ticket(out.body, *ticket, now);
    out.body.insert(out.body.size() - 1, ",\"similar\":" + alike->tickets);
    to.send(std::move(out));
  };
  find_similar(desk, *caller, what, false, domain::completion<similar_things>(std::move(send)));
}

void send_ticket(responder to, const domain::ticket& ticket, domain::instant now) {
  const bool unchanged = none_match_names(to.in().head.if_none_match, ticket.version);
  auto out = to.make(unchanged ? 304 : 200);
  add_etag(out, ticket.version);
  if (!unchanged) encode_ticket(out.body, ticket, now);
  to.send(std::move(out));
}

}  // namespace

void create_ticket(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_create(*body);
  if (!decoded) return to.fail(decoded.error());
  const auto organization = decoded->organization ? decoded->organization : in.caller->organization;
  if (!organization)
    return to.fail(error(errc::invalid, "Say on behalf of which organization.",
                         {{"/organization_id", "is required for staff of the whole desk"}}));
  submission what;
  what.by = *in.caller;
  what.deadline = deadline_of(in, with);
  const auto render = [](const domain::change& change) { return render_ticket(change, 201); };
  if (!prepare_idempotency(in, what, to, render)) return;
  decoded->command.id = domain::ticket_id::generate();
  decoded->command.organization = *organization;
  what.command = std::move(decoded->command);
  with.desk().submit(std::move(what),
                     domain::completion<outcome>([to = std::move(to), render](result<outcome> done) mutable {
                       if (!done) return to.fail(done.error());
                       if (done->replayed) return send_stored(std::move(to), std::move(*done->replayed), true);
                       send_stored(std::move(to), render(done->what), false);
                     }));
}

void list_tickets(const request& in, services& with, responder to) {
  auto query = read_ticket_query(in, *with.desk().settings());
  if (!query) return refuse(std::move(to), query.error());
  const auto now = with.now();
  query->now = now;
  with.desk().list(std::move(*query), *in.caller,
                   domain::completion<domain::page<domain::ticket_ptr>>(
                       [now, to = std::move(to)](result<domain::page<domain::ticket_ptr>> found) mutable {
                         if (!found) return to.fail(found.error());
                         auto out = to.make(200);
                         add_next_link(out, to.in(), found->next_cursor);
                         encode_tickets(out.body, *found, now);
                         to.send(std::move(out));
                       }));
}

std::span<const std::string_view> ticket_get_parameters() noexcept { return ticket_get_names; }

void get_ticket(const request& in, services& with, responder to) {
  const auto name = ticket_of(in, to);
  if (!name) return;
  const auto* include = in.find_parameter("include");
  if (include != nullptr && *include != "similar")
    return refuse(std::move(to), {400, "bad_parameter", "include has to be similar", {}, false, {}});
  auto& desk = with.desk();
  const auto now = with.now();
  const bool with_similar = include != nullptr;
  with_ticket(*name, in, with, std::move(to), [&desk, now, with_similar](domain::ticket_id id, responder back) {
    const auto caller = back.in().caller;
    desk.get(id, *caller,
             domain::completion<domain::ticket_ptr>(
                 [&desk, now, with_similar, back = std::move(back)](result<domain::ticket_ptr> found) mutable {
                   if (!found) return back.fail(found.error());
                   if (with_similar) return send_with_similar(desk, std::move(back), std::move(*found), now);
                   send_ticket(std::move(back), **found, now);
                 }));
  });
}

void update_ticket(const request& in, services& with, responder to) {
  const auto name = ticket_of(in, to);
  if (!name) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_update(*body);
  if (!command) return to.fail(command.error());
  submit_change(in, with, std::move(to), *name, std::move(*command), 200);
}

void delete_ticket(const request& in, services& with, responder to) {
  if (const auto name = ticket_of(in, to)) submit_change(in, with, std::move(to), *name, domain::delete_ticket{}, 204);
}

void restore_ticket(const request& in, services& with, responder to) {
  if (const auto name = ticket_of(in, to)) submit_change(in, with, std::move(to), *name, domain::restore_ticket{}, 200);
}

void merge_ticket(const request& in, services& with, responder to) {
  const auto name = ticket_of(in, to);
  if (!name) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_merge(*body);
  if (!command) return to.fail(command.error());
  submit_change(in, with, std::move(to), *name, *command, 200);
}

void escalate_ticket(const request& in, services& with, responder to) {
  const auto name = ticket_of(in, to);
  if (!name) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_escalate(*body);
  if (!command) return to.fail(command.error());
  submit_change(in, with, std::move(to), *name, std::move(*command), 200);
}

void acknowledge_ticket(const request& in, services& with, responder to) {
  if (const auto name = ticket_of(in, to))
    submit_change(in, with, std::move(to), *name, domain::acknowledge_escalation{}, 200);
}

void assign_ticket(const request& in, services& with, responder to) {
  const auto name = ticket_of(in, to);
  if (!name) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_assign(*body);
  if (!decoded) return to.fail(decoded.error());
  submit_change(in, with, std::move(to), *name, std::move(*decoded), 200);
}

}  // namespace usher::net
