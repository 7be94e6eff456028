// What people of the desk have to see to.
#include "domain/json_members.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

using record_page = domain::page<std::string>;

void list_alerts(const request& in, services& with, responder to) {
  auto query = read_alert_query(in);
  if (!query) return refuse(std::move(to), query.error());
  send_records(with.desk(), std::move(to), std::move(*query));
}

namespace {

domain::record_query one_alert(const domain::uuid& id) {
  domain::record_query out;
  out.kind = domain::record_kind::alerts;
  out.parent = id;
  out.limit = 1;
  return out;
}

/// Sends the alert as it is now.
void show_alert(gateway& desk, const domain::uuid& id, const std::shared_ptr<const domain::caller>& who,
                claimed_key key, responder to) {
  desk.records(one_alert(id), *who,
               domain::completion<record_page>(
                   [&desk, key = std::move(key), to = std::move(to)](result<record_page> found) mutable {
                     if (!found) return to.fail(found.error());
                     if (found->data.empty()) return to.fail(error(errc::not_found));
                     stored_answer answer;
                     answer.status = 200;
                     answer.body = std::move(found->data.front());
                     send_kept(desk, std::move(to), std::move(key), std::move(answer));
                   }));
}

}  // namespace

void acknowledge_alert(const request& in, services& with, responder to) {
  const auto id = domain::parse_uuid(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  auto& desk = with.desk();
  auto who = in.caller;
  with_key(in, with, std::move(to), [&desk, who, id = *id](claimed_key key, responder back) mutable {
    auto seen = [&desk, who, id, key = std::move(key), back = std::move(back)](result<record_page> found) mutable {
      if (!found) return back.fail(found.error());
      if (found->data.empty()) return back.fail(error(errc::not_found));
      domain::alert_event what;
      what.alert = id;
      bool taken = false;
      for (const auto& [name, value] : domain::json_members(found->data.front())) {
        const auto text = domain::json_string(value).value_or("");
        if (name == "acknowledged_at") taken = value != "null";
        if (name == "kind") what.kind = text;
        if (name == "level") what.level = text;
        if (name == "ticket_id") what.ticket = domain::ticket_id::parse(text);
        if (name == "organization_id")
          what.organization = domain::organization_id::parse(text).value_or(what.organization);
      }
      if (taken) return back.fail(error(errc::conflict, "somebody has acknowledged it already"));
      auto done = [&desk, who, id, key = std::move(key),
                   back = std::move(back)](result<std::monostate> stored) mutable {
        if (!stored) return back.fail(stored.error());
        show_alert(desk, id, who, std::move(key), std::move(back));
      };
      desk.acknowledge_alert(std::move(what), *who, domain::completion<std::monostate>(std::move(done)));
    };
    desk.records(one_alert(id), *who, domain::completion<record_page>(std::move(seen)));
  });
}

}  // namespace usher::net
