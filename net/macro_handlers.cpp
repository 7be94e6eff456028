// Macros: what staff do often, under a name.
#include "domain/json_writer.hpp"
#include "domain/macro.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/settings_tools.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::desk_settings;
using domain::errc;
using domain::error;
using domain::result;

namespace {

void encode_macro(std::string& out, const domain::macro& what) {
  domain::json_writer w(out);
  w.begin_object();
  w.member("id", what.id);
  w.member("name", what.name);
  w.raw_member("set", what.changes);
  w.member("reply", what.reply);
  w.member("version", what.version);
  w.end_object();
}

/// The macro of the path; the request is answered with 404 when there is none.
std::optional<domain::macro> macro_of(const request& in, services& with, responder& to) {
  const auto id = domain::macro_id::parse(in.path_parameters[0]);
  const auto now = with.desk().settings();
  const auto found = id ? now->macros.find(*id) : now->macros.end();
  if (found != now->macros.end()) return found->second;
  to.fail(error(errc::not_found));
  return std::nullopt;
}

void save_macro(const request& in, services& with, responder to, domain::macro what, int status) {
  const auto id = what.id;
  auto location = status == 201 ? "/api/support/macros/" + to_string(id) : std::string();
  change_settings(
      in, with, std::move(to),
      [what = std::move(what)](const desk_settings& now) { return domain::put_macro(now, what); }, status,
      [id](std::string& out, const desk_settings& now) {
        if (auto found = now.macros.find(id); found != now.macros.end()) encode_macro(out, found->second);
      },
      std::move(location));
}

}  // namespace

void list_macros(const request&, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (const auto& [id, what] : now->macros) encode_macro(out.emplace_back(), what);
  send_texts(std::move(to), std::move(out));
}

void get_macro(const request& in, services& with, responder to) {
  if (const auto what = macro_of(in, with, to)) {
    std::string out;
    encode_macro(out, *what);
    send_text(std::move(to), std::move(out));
  }
}

void create_macro(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  domain::macro fresh;
  fresh.id = domain::macro_id::generate();
  auto decoded = decode_macro(*body, std::move(fresh), true);
  if (!decoded) return to.fail(decoded.error());
  save_macro(in, with, std::move(to), std::move(*decoded), 201);
}

void put_macro(const request& in, services& with, responder to) {
  auto before = macro_of(in, with, to);
  if (!before) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_macro(*body, std::move(*before), false);
  if (!decoded) return to.fail(decoded.error());
  save_macro(in, with, std::move(to), std::move(*decoded), 200);
}

void delete_macro(const request& in, services& with, responder to) {
  const auto id = domain::macro_id::parse(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  change_settings(in, with, std::move(to),
                  [id = *id](const desk_settings& now) { return domain::remove_macro(now, id); }, 204, nullptr, {});
}

void run_macro(const request& in, services& with, responder to) {
  const auto name = parse_ticket_name(in.path_parameters[0]);
  if (!name) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  const auto wanted = decode_macro_use(*body);
  if (!wanted) return to.fail(wanted.error());
  const auto now = with.desk().settings();
  const auto found = now->macros.find(*wanted);
  if (found == now->macros.end()) return to.fail(domain::fail_field("/macro_id", "there is no such macro").error());
  // The text was decoded when it was saved: what has become wrong since (a category that went) the ticket will say.
  const auto changes = with.json.read(found->second.changes);
  auto set = changes ? decode_update(**changes) : domain::fail(errc::internal);
  if (!set) return to.fail(set.error());
  auto prepared = prepare(in, with, to);
  auto render = [](const domain::change& what) { return render_ticket(what, 200); };
  if (!prepared || !prepare_idempotency(in, *prepared, to, render)) return;
  prepared->command =
      domain::run_macro{std::move(*set), found->second.reply.value_or(""), domain::message_id::generate()};
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

}  // namespace usher::net
