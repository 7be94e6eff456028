// What stands behind what there is: the audit trail, of a ticket or of all, and the life of clocks.
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

using record_page = domain::page<std::string>;

void list_audit(const request& in, services& with, responder to) {
  auto query = read_audit_query(in);
  if (!query) return refuse(std::move(to), query.error());
  send_records(with.desk(), std::move(to), std::move(*query));
}

void list_history(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  auto page = read_page_query(in);
  if (!page) return refuse(std::move(to), page.error());
  auto& desk = with.desk();
  auto list = [&desk, page = std::move(*page)](domain::ticket_id id, responder back) mutable {
    const auto caller = back.in().caller;
    auto seen = [&desk, caller, id, page = std::move(page),
                 back = std::move(back)](result<domain::ticket_ptr> ticket) mutable {
      if (!ticket) return back.fail(ticket.error());
      domain::record_query query{domain::record_kind::ticket_history, id.value, {}, page.limit, std::move(page.cursor)};
      send_records(desk, std::move(back), std::move(query));
    };
    desk.get(id, *caller, domain::completion<domain::ticket_ptr>(std::move(seen)));
  };
  with_ticket(*name, in, with, std::move(to), std::move(list));
}

void get_sla(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  auto& desk = with.desk();
  const auto now = with.now();
  with_ticket(*name, in, with, std::move(to), [&desk, now](domain::ticket_id id, responder back) {
    const auto caller = back.in().caller;
    desk.clock_events(
        id, *caller,
        domain::completion<clock_history>([now, back = std::move(back)](result<clock_history> found) mutable {
          if (!found) return back.fail(found.error());
          auto out = back.make(200);
          encode_clocks(out.body, *found->ticket, found->events, now);
          back.send(std::move(out));
        }));
  });
}

}  // namespace usher::net
