// Staff sessions: logging in with a password, looking who one is, logging out.
#include "domain/json_writer.hpp"
#include "metrics/log/log.hpp"
#include "net/body_fields.hpp"
#include "net/client_address.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/session_cookie.hpp"

namespace usher::net {

namespace {

using domain::login_answer;

domain::result<domain::login_question> decode_login(const json_value& body) {
  std::vector<domain::field_error> wrong;
  body_fields in(body, "", wrong);
  domain::login_question out;
  out.user = in.take_text("user", 1, domain::user_id_bytes_max, true).value_or("");
  // Also one that is too short to be right: that is for the doorkeeper to find, in its own time.
  out.password = in.take_text("password", 1, domain::password_characters_max, true).value_or("");
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

void refuse_wrong(responder to) {
  refusal why;
  why.status = 401;
  why.code = "wrong_credentials";
  why.detail = "There is no such user, or this is not the password.";
  why.headers = "WWW-Authenticate: Bearer\r\n";
  refuse(std::move(to), why);
}

void refuse_hasty(responder to, std::chrono::seconds wait) {
  refusal why;
  why.status = 429;
  why.code = "rate_limited";
  why.detail = "Too many passwords were wrong: this account, or this address, has to wait.";
  why.headers = "Retry-After: " + std::to_string(wait.count()) + "\r\n";
  refuse(std::move(to), why);
}

void write_session(std::string& out, std::string_view user, domain::role role, const domain::staff_session* session) {
  domain::json_writer w(out);
  w.begin_object();
  w.member("user", user);
  w.member("role", to_word(role));
  if (session != nullptr) {
    w.member("csrf_token", session->csrf_token);
    w.member("expires_at", session->expires);
  }
  w.end_object();
}

/// What a login came to. The role is the agent's of now.
struct login_end {
  gateway* desk;
  domain::doorkeeper* staff;
  bool secure;
  domain::instant now;

  void operator()(domain::result<login_answer> got, responder to) const {
    if (!got) return to.fail(got.error());
    if (got->what == login_answer::verdict::wait) return refuse_hasty(std::move(to), got->wait);
    if (got->what == login_answer::verdict::wrong) return refuse_wrong(std::move(to));
    const auto settings = desk->settings();
    const auto who = settings->agents.find(got->session.user);
    if (who == settings->agents.end()) {
      staff->log_out(got->token, {});
      return refuse_wrong(std::move(to));
    }
    log::info("staff has logged in", {{"request_id", to.in().request_id}, {"user", got->session.user}});
    auto out = to.make(200);
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(got->session.expires - now);
    add_header(out, "Set-Cookie", session_cookie(got->token, lifetime, secure));
    write_session(out.body, got->session.user, who->second.role, &got->session);
    to.send(std::move(out));
  }
};

}  // namespace

void log_in(const request& in, services& with, responder to) {
  if (auto no = refuse_foreign(in, with)) return to.send(std::move(*no));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto what = decode_login(*body);
  if (!what) return to.fail(what.error());
  if (with.door.staff == nullptr) return to.fail(domain::error(domain::errc::unavailable));
  what->address = address_key(client_address(in));
  const login_end end{with.door.desk, with.door.staff, with.door.secure_cookies, with.now()};
  with.door.staff->log_in(std::move(*what), domain::completion<login_answer>(
                                                [end, to = std::move(to)](domain::result<login_answer> got) mutable {
                                                  end(std::move(got), std::move(to));
                                                }));
}

void get_session(const request& in, services& with, responder to) {
  const auto session = session_of(in, with);
  auto out = to.make(200);
  write_session(out.body, in.caller->sub, in.caller->role, session ? &*session : nullptr);
  to.send(std::move(out));
}

void log_out(const request& in, services& with, responder to) {
  const auto gone = [secure = with.door.secure_cookies](responder back) {
    auto out = back.make(204);
    add_header(out, "Set-Cookie", session_cookie({}, {}, secure));
    back.send(std::move(out));
  };
  // A bearer has no session to end.
  if (!session_of(in, with)) return gone(std::move(to));
  with.door.staff->log_out(
      find_cookie(in.head.cookie, session_cookie_name(with.door.secure_cookies)),
      domain::completion<std::monostate>([gone, to = std::move(to)](domain::result<std::monostate> done) mutable {
        if (!done) return to.fail(done.error());
        gone(std::move(to));
      }));
}

}  // namespace usher::net
