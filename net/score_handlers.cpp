// How content the customer is: with a token, or by a link that needs none.
#include "domain/json_writer.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

namespace {

constexpr std::string_view page_start =
    R"(<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">)"
    R"(<meta name="referrer" content="no-referrer">)"
    R"(<title>How did we do?</title><style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;)"
    R"(padding:0 1rem}label{display:block;margin:.5rem 0}textarea{width:100%;box-sizing:border-box}</style>)";
constexpr std::string_view page_form =
    R"(<h1>How did we do?</h1><form id="f"><fieldset><legend>From 1, not at all content, to 5, very content</legend>)"
    R"(<label><input type="radio" name="score" value="1" required> 1</label>)"
    R"(<label><input type="radio" name="score" value="2"> 2</label>)"
    R"(<label><input type="radio" name="score" value="3"> 3</label>)"
    R"(<label><input type="radio" name="score" value="4"> 4</label>)"
    R"(<label><input type="radio" name="score" value="5"> 5</label></fieldset>)"
    R"(<label>Anything to add? <textarea name="comment" rows="4" maxlength="20000"></textarea></label>)"
    R"(<button>Send</button></form><p id="said" role="status"></p>)";
constexpr std::string_view page_script =
    R"(const f=document.getElementById("f"),said=document.getElementById("said");)"
    R"(f.addEventListener("submit",async e=>{e.preventDefault();const d=new FormData(f);)"
    R"(const b={score:Number(d.get("score"))};if(d.get("comment"))b.comment=d.get("comment");)"
    R"(const a=await fetch(location.pathname,{method:"POST",headers:{"Content-Type":"application/json"},)"
    R"(body:JSON.stringify(b)});if(a.ok)f.remove();)"
    R"(said.textContent=a.ok?"Thank you.":a.status===409?"A score was given already, or the ticket was reopened.":)"
    R"("That did not work. Please try again later.";});)";

/// The link of the path; nothing, and the request answered with 404, when it was not made here.
std::optional<score_link> link_of(const request& in, const services& with, responder& to) {
  auto found = with.door.scores == nullptr ? std::nullopt : with.door.scores->read(in.path_parameters[0]);
  if (!found) to.fail(error(errc::not_found));
  return found;
}

}  // namespace

void rate_ticket(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_rating(*body);
  if (!command) return to.fail(command.error());
  auto prepared = prepare(in, with, to);
  const auto render = [](const domain::change& change) { return render_ticket(change, 200); };
  if (!prepared || !prepare_idempotency(in, *prepared, to, render)) return;
  prepared->command = std::move(*command);
  auto& desk = with.desk();
  with_ticket(*name, in, with, std::move(to),
              [&desk, render, what = std::move(*prepared)](domain::ticket_id id, responder back) mutable {
                what.id = id;
                desk.submit(std::move(what),
                            domain::completion<outcome>([render, back = std::move(back)](result<outcome> done) mutable {
                              if (!done) return back.fail(done.error());
                              if (done->replayed) return send_stored(std::move(back), std::move(*done->replayed), true);
                              send_stored(std::move(back), render(done->what), false);
                            }));
              });
}

void get_score_link(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  auto& desk = with.desk();
  const auto* links = with.door.scores;
  with_ticket(*name, in, with, std::move(to), [&desk, links](domain::ticket_id id, responder back) {
    const auto caller = back.in().caller;
    desk.get(id, *caller,
             domain::completion<domain::ticket_ptr>(
                 [links, back = std::move(back)](result<domain::ticket_ptr> found) mutable {
                   if (!found) return back.fail(found.error());
                   const auto& t = **found;
                   if (links == nullptr || !t.resolved_at || t.merged_into)
                     return back.fail(error(errc::conflict, "the ticket is not resolved"));
                   auto out = back.make(200);
                   domain::json_writer w(out.body);
                   w.begin_object();
                   w.member("cycle", t.reopened + 1);
                   w.member("scored", t.rated_cycle > t.reopened);
                   w.member("link", links->link_to(t));
                   w.end_object();
                   back.send(std::move(out));
                 }));
  });
}

// Mail programs look at links before people do: looking changes nothing.
void serve_score_page(const request& in, services& with, responder to) {
  if (!link_of(in, with, to)) return;
  const auto nonce = domain::to_string(domain::new_uuid_v7());
  auto out = to.make(200);
  out.content_type = "text/html; charset=utf-8";
  add_header(out, "Content-Security-Policy",
             "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'; script-src 'nonce-" +
                 nonce + "'");
  out.body = page_start;
  out.body += page_form;
  out.body += "<script nonce=\"" + nonce + "\">";
  out.body += page_script;
  out.body += "</script></html>\n";
  to.send(std::move(out));
}

void rate_by_link(const request& in, services& with, responder to) {
  const auto link = link_of(in, with, to);
  if (!link) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto command = decode_rating(*body);
  if (!command) return to.fail(command.error());
  auto& desk = with.desk();
  const auto deadline = deadline_of(in, with);
  auto seen = [&desk, deadline, cycle = link->cycle, command = std::move(*command),
               back = std::move(to)](result<domain::ticket_ptr> found) mutable {
    if (!found) return back.fail(found.error());
    const auto& t = **found;
    if (t.reopened + 1 != cycle) return back.fail(error(errc::conflict, "the ticket was reopened since"));
    submission what;
    what.id = t.id;
    what.by = {t.requester_id, domain::role::requester, t.organization};
    what.command = std::move(command);
    what.deadline = deadline;
    desk.submit(std::move(what), domain::completion<outcome>([back = std::move(back)](result<outcome> done) mutable {
                  if (!done) return back.fail(done.error());
                  auto out = back.make(200);
                  out.body = R"({"thanks":true})";
                  back.send(std::move(out));
                }));
  };
  desk.get(link->ticket, domain::caller::system(), domain::completion<domain::ticket_ptr>(std::move(seen)));
}

}  // namespace usher::net
