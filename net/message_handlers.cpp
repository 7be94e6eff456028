#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

namespace {

stored_answer render_message(const domain::change& what) {
  stored_answer out;
  out.status = 201;
  if (const auto* added = what.added_message()) encode_message(out.body, *added);
  return out;
}

}  // namespace

void list_messages(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  auto query = read_page_query(in);
  if (!query) return refuse(std::move(to), query.error());
  auto& desk = with.desk();
  with_ticket(*name, in, with, std::move(to),
              [&desk, query = std::move(*query)](domain::ticket_id id, responder back) mutable {
                const auto caller = back.in().caller;
                desk.messages(id, *caller, query.limit, std::move(query.cursor),
                              domain::completion<domain::page<domain::message>>(
                                  [back = std::move(back)](result<domain::page<domain::message>> found) mutable {
                                    if (!found) return back.fail(found.error());
                                    auto out = back.make(200);
                                    add_next_link(out, back.in(), found->next_cursor);
                                    encode_messages(out.body, *found);
                                    back.send(std::move(out));
                                  }));
              });
}

void add_message(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_message(*body);
  if (!command) return to.fail(command.error());
  auto prepared = prepare(in, with, to);
  if (!prepared || !prepare_idempotency(in, *prepared, to, render_message)) return;
  command->id = domain::message_id::generate();
  prepared->command = std::move(*command);
  auto& desk = with.desk();
  with_ticket(*name, in, with, std::move(to),
              [&desk, what = std::move(*prepared)](domain::ticket_id id, responder back) mutable {
                what.id = id;
                desk.submit(std::move(what),
                            domain::completion<outcome>([back = std::move(back)](result<outcome> done) mutable {
                              if (!done) return back.fail(done.error());
                              if (done->replayed) return send_stored(std::move(back), std::move(*done->replayed), true);
                              send_stored(std::move(back), render_message(done->what), false);
                            }));
              });
}

}  // namespace usher::net
