#include "net/settings_tools.hpp"

#include "net/ticket_json.hpp"

namespace usher::net {

using domain::desk_settings;
using domain::result;

void change_settings(const request& in, services& with, responder to, settings_edit how, int status,
                     settings_view shows, std::string location, settings_view kept) {
  settings_request what;
  if (in.how == method::post && !read_key(in, to, what.key)) return;
  what.edit = std::move(how);
  what.by = *in.caller;
  what.break_glass = in.head.break_glass;
  const auto rendered_by = [status](settings_view how_shown) {
    return [status, how_shown = std::move(how_shown)](const desk_settings& now) {
      stored_answer out;
      out.status = status;
      if (how_shown) how_shown(out.body, now);
      return out;
    };
  };
  what.render = rendered_by(kept ? std::move(kept) : shows);
  auto back = std::make_shared<responder>(std::move(to));
  auto finish = [back, render = rendered_by(std::move(shows)),
                 location = std::move(location)](result<domain::settings_ptr> now) {
    if (!now) return back->fail(now.error());
    auto answer = render(**now);
    auto out = back->make(answer.status);
    out.body = std::move(answer.body);
    if (!location.empty()) add_header(out, "Location", location);
    back->send(std::move(out));
  };
  auto& desk = with.desk();
  if (!what.key) {
    what.done = domain::completion<domain::settings_ptr>(finish);
    return desk.change_settings(std::move(what));
  }
  auto key = *what.key;
  auto claimed = [&desk, back, finish, what = std::move(what)](result<claimed_key> held) mutable {
    if (!held) return back->fail(held.error());
    if (held->replayed) return send_stored(std::move(*back), std::move(*held->replayed), true);
    what.done = domain::completion<domain::settings_ptr>(
        [finish, claim = std::move(held->claim)](result<domain::settings_ptr> now) mutable {
          claim.reset();  // before the answer: whoever has it may repeat the request at once
          finish(std::move(now));
        });
    desk.change_settings(std::move(what));
  };
  desk.claim(std::move(key), deadline_of(in, with), domain::completion<claimed_key>(std::move(claimed)));
}

void send_texts(responder to, std::vector<std::string> texts) {
  auto out = to.make(200);
  encode_records(out.body, {std::move(texts), {}});
  to.send(std::move(out));
}

void send_text(responder to, std::string text) {
  auto out = to.make(200);
  out.body = std::move(text);
  to.send(std::move(out));
}

}  // namespace usher::net
