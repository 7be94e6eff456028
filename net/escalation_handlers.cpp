// The ladder as a whole: what it has told, and the check of every clock.
#include "domain/json_writer.hpp"
#include "net/body_fields.hpp"
#include "net/encode_parts.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::result;

void list_escalations(const request& in, services& with, responder to) {
  auto query = read_escalation_query(in);
  if (!query) return refuse(std::move(to), query.error());
  // It sums up the whole desk: nothing for those who see one organization of it.
  auto latest = in.caller->organization ? nullptr : with.desk().latest_snapshot();
  auto shown = [latest = std::move(latest), to = std::move(to)](result<domain::page<std::string>> found) mutable {
    if (!found) return to.fail(found.error());
    auto out = to.make(200);
    add_next_link(out, to.in(), found->next_cursor);
    encode_records(out.body, *found);
    out.body.pop_back();
    out.body += ",\"snapshot\":";
    out.body += latest ? std::string_view(*latest) : "null";
    out.body += '}';
    to.send(std::move(out));
  };
  with.desk().records(std::move(*query), *in.caller, domain::completion<domain::page<std::string>>(std::move(shown)));
}

void list_snapshots(const request& in, services& with, responder to) {
  auto query = read_snapshot_query(in);
  if (!query) return refuse(std::move(to), query.error());
  if (in.caller->organization)
    return to.fail(domain::error(domain::errc::forbidden, "snapshots sum up all organizations"));
  send_records(with.desk(), std::move(to), std::move(*query));
}

void check_escalations(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  std::vector<domain::field_error> wrong;
  body_fields fields(*body, "", wrong);
  const auto action = fields.take_text("action", 1, 64, true);
  if (action && *action != "check") fields.add("action", "has to be check");
  fields.refuse_the_rest();
  if (!wrong.empty()) return to.fail(invalid_body(std::move(wrong)));
  auto& desk = with.desk();
  with_key(in, with, std::move(to), [&desk](claimed_key key, responder back) mutable {
    desk.check(domain::completion<check_report>(
        [&desk, key = std::move(key), back = std::move(back)](result<check_report> report) mutable {
          if (!report) return back.fail(report.error());
          stored_answer answer;
          answer.status = 200;
          domain::json_writer w(answer.body);
          w.begin_object();
          w.member("checked", report->checked);
          w.member("fired", report->fired);
          w.member("breached", report->breached);
          w.member("repaired", report->repaired);
          w.end_object();
          send_kept(desk, std::move(back), std::move(key), std::move(answer));
        }));
  });
}

void apply_policies(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  std::vector<domain::field_error> wrong;
  body_fields fields(*body, "", wrong);
  const auto* dry = fields.take("dry_run");
  bool dry_run = false;
  if (dry != nullptr && dry->type != json_type::boolean) fields.add("dry_run", "has to be true or false");
  if (dry != nullptr && dry->type == json_type::boolean) dry_run = dry->truth;
  fields.refuse_the_rest();
  if (!wrong.empty()) return to.fail(invalid_body(std::move(wrong)));
  auto& desk = with.desk();
  auto who = in.caller;
  with_key(in, with, std::move(to),
           [&desk, who, dry_run, glass = std::string(in.head.break_glass)](claimed_key key, responder back) mutable {
             desk.apply_policies(
                 *who, dry_run, std::move(glass),
                 domain::completion<policy_report>(
                     [&desk, key = std::move(key), back = std::move(back)](result<policy_report> report) mutable {
                       if (!report) return back.fail(report.error());
                       stored_answer answer;
                       answer.status = 200;
                       domain::json_writer w(answer.body);
                       w.begin_object();
                       w.member("dry_run", report->dry_run);
                       w.member("tickets", report->tickets);
                       w.member("clocks", report->clocks);
                       w.key("changes");
                       w.begin_array();
                       for (const auto& change : report->changes) {
                         w.begin_object();
                         w.member("ticket_id", change.ticket);
                         w.member("clock", domain::to_word(change.clock));
                         w.member("cycle", change.cycle);
                         member_seconds(w, "from_seconds", change.before);
                         if (change.cancelled)
                           w.member("to_seconds", nullptr);
                         else
                           member_seconds(w, "to_seconds", change.after);
                         w.end_object();
                       }
                       w.end_array();
                       w.end_object();
                       send_kept(desk, std::move(back), std::move(key), std::move(answer));
                     }));
           });
}

}  // namespace usher::net
