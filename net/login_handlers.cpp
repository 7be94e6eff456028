// Staff sessions: logging in with a password, looking who one is, logging out.
#include <algorithm>
#include <atomic>

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
  if (const auto text = in.take_text("organization_id", 1, 64)) {
    out.organization = domain::organization_id::parse(*text);
    if (!out.organization) in.add("organization_id", "is not an id");
  }
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

/// The organizations that an agent may choose from, with their names, once all of them are known.
class organization_choice {
 public:
  static constexpr std::size_t shown_max = 100;

  organization_choice(std::vector<domain::organization_id> ids, responder to)
      : ids_(std::move(ids)), names_(ids_.size()), left_(ids_.size()), to_(std::move(to)) {}

  static void ask(gateway& desk, std::vector<domain::organization_id> ids, const domain::caller& who, responder to) {
    if (ids.size() > shown_max) ids.resize(shown_max);
    const auto self = std::make_shared<organization_choice>(std::move(ids), std::move(to));
    for (std::size_t i = 0; i < self->ids_.size(); ++i)
      desk.organization(self->ids_[i], who,
                        domain::completion<domain::organization>([self, i](domain::result<domain::organization> got) {
                          if (got) self->names_[i] = got->name;
                          if (self->left_.fetch_sub(1) == 1) self->answer();
                        }));
  }

 private:
  void answer() {
    refusal why;
    why.status = 422;
    why.code = "organization_needed";
    why.detail = "This agent works for some organizations: a session is for one of them.";
    why.fields.push_back({"/organization_id", "has to be one of the agent's organizations"});
    why.list_name = "organizations";
    domain::json_writer w(why.list);
    w.begin_array();
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      w.begin_object();
      w.member("id", ids_[i]);
      w.member("name", names_[i]);
      w.end_object();
    }
    w.end_array();
    refuse(std::move(to_), why);
  }

  std::vector<domain::organization_id> ids_;
  std::vector<std::optional<std::string>> names_;
  std::atomic<std::size_t> left_;
  responder to_;
};

void write_session(std::string& out, const domain::caller& who, const domain::staff_session* session) {
  domain::json_writer w(out);
  w.begin_object();
  w.member("user", who.sub);
  w.member("role", to_word(who.role));
  w.member("organization_id", who.organization);
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
  std::string user;

  void operator()(domain::result<login_answer> got, responder to) const {
    if (!got) return to.fail(got.error());
    if (got->what == login_answer::verdict::wait) return refuse_hasty(std::move(to), got->wait);
    if (got->what == login_answer::verdict::wrong) return refuse_wrong(std::move(to));
    const auto settings = desk->settings();
    const auto found = settings->agents.find(user);
    if (got->what == login_answer::verdict::choose) {
      // As the agent itself, who is not narrowed yet, sees them.
      const domain::caller who{user, found == settings->agents.end() ? domain::role::agent : found->second.role, {}};
      return organization_choice::ask(*desk, std::move(got->organizations), who, std::move(to));
    }
    if (found == settings->agents.end() || !domain::may_go_on(got->session, found->second.organizations)) {
      staff->log_out(got->token, {});
      return refuse_wrong(std::move(to));
    }
    log::info("staff has logged in", {{"request_id", to.in().request_id}, {"user", user}});
    auto out = to.make(200);
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(got->session.expires - now);
    add_header(out, "Set-Cookie", session_cookie(got->token, lifetime, secure));
    write_session(out.body, {user, found->second.role, got->session.organization}, &got->session);
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
  const login_end end{with.door.desk, with.door.staff, with.door.secure_cookies, with.now(), what->user};
  with.door.staff->log_in(std::move(*what), domain::completion<login_answer>(
                                                [end, to = std::move(to)](domain::result<login_answer> got) mutable {
                                                  end(std::move(got), std::move(to));
                                                }));
}

void get_session(const request& in, services& with, responder to) {
  const auto session = session_of(in, with);
  auto out = to.make(200);
  write_session(out.body, *in.caller, session ? &*session : nullptr);
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
