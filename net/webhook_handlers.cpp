// Endpoints that are sent the desk's events, and what became of each delivery.
#include <algorithm>

#include "domain/json_members.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/settings_tools.hpp"
#include "net/ticket_json.hpp"
#include "net/webhook_json.hpp"

namespace usher::net {

using domain::desk_settings;
using domain::errc;
using domain::error;
using domain::result;
using domain::webhook_endpoint;
using domain::webhook_id;

namespace {

using record_page = domain::page<std::string>;

/// Who is narrowed to an organization has to do with its endpoints only.
bool may_see(const domain::caller& who, const webhook_endpoint& what) {
  return !who.organization || what.organization == who.organization;
}

/// The endpoint of the path; nothing, and the request answered with 404, when there is none.
std::optional<webhook_endpoint> webhook_of(const request& in, services& with, responder& to) {
  const auto id = webhook_id::parse(in.path_parameters[0]);
  const auto now = with.desk().settings();
  const auto* found = id ? now->find_webhook(*id) : nullptr;
  if (found != nullptr && may_see(*in.caller, *found)) return *found;
  to.fail(error(errc::not_found));
  return std::nullopt;
}

settings_view view_of(const webhook_id& id, std::optional<std::string> secret = {}) {
  return [id, secret = std::move(secret)](std::string& out, const desk_settings& now) {
    if (const auto* found = now.find_webhook(id)) encode_webhook(out, *found, secret);
  };
}

void save_new(const request& in, services& with, responder to, new_webhook fresh) {
  auto& what = fresh.endpoint;
  what.id = webhook_id::generate();
  what.created_at = with.now();
  what.created_by = in.caller->sub;
  auto shows = view_of(what.id, std::move(fresh.secret_text));
  auto location = "/api/support/webhooks/" + to_string(what.id);
  change_settings(
      in, with, std::move(to),
      [what = std::move(what), secret = std::move(fresh.secret)](const desk_settings& now) {
        return domain::add_webhook(now, what, secret);
      },
      201, std::move(shows), std::move(location));
}

}  // namespace

void list_webhooks(const request& in, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (const auto& each : now->webhooks)
    if (may_see(*in.caller, each)) encode_webhook(out.emplace_back(), each, {});
  send_texts(std::move(to), std::move(out));
}

void get_webhook(const request& in, services& with, responder to) {
  if (const auto found = webhook_of(in, with, to)) {
    std::string out;
    encode_webhook(out, *found, {});
    send_text(std::move(to), std::move(out));
  }
}

void create_webhook(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto fresh = decode_new_webhook(*body, *with.door.webhooks);
  if (!fresh) return to.fail(fresh.error());
  auto& owner = fresh->endpoint.organization;
  if (in.caller->organization) {
    if (owner && owner != in.caller->organization)
      return to.fail(error(errc::forbidden, "the endpoint has to be of your organization"));
    owner = in.caller->organization;
  }
  const auto id = owner;
  when_owner_is_known(with, std::move(to), id, [&with, fresh = std::move(*fresh)](responder back) mutable {
    const auto& asked = back.in();
    save_new(asked, with, std::move(back), std::move(fresh));
  });
}

void put_webhook(const request& in, services& with, responder to) {
  const auto before = webhook_of(in, with, to);
  if (!before) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto edit = decode_webhook_edit(*body, *with.door.webhooks);
  if (!edit) return to.fail(edit.error());
  change_settings(in, with, std::move(to),
                  [id = before->id, edit = std::move(*edit), at = with.now()](const desk_settings& now) {
                    return domain::change_webhook(now, id, edit, at);
                  },
                  200, view_of(before->id), {});
}

void delete_webhook(const request& in, services& with, responder to) {
  const auto found = webhook_of(in, with, to);
  if (!found) return;
  change_settings(in, with, std::move(to),
                  [id = found->id](const desk_settings& now) { return domain::remove_webhook(now, id); }, 204, nullptr,
                  {});
}

void add_webhook_secret(const request& in, services& with, responder to) {
  const auto found = webhook_of(in, with, to);
  if (!found) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto text = decode_webhook_secret(*body, *with.door.webhooks);
  if (!text) return to.fail(text.error());
  auto bytes = with.door.webhooks->parse_secret(*text).value();
  change_settings(
      in, with, std::move(to),
      [id = found->id, bytes = std::move(bytes)](const desk_settings& now) {
        return domain::add_webhook_secret(now, id, bytes);
      },
      201, view_of(found->id, std::move(*text)), "/api/support/webhooks/" + to_string(found->id));
}

void drop_webhook_secrets(const request& in, services& with, responder to) {
  const auto found = webhook_of(in, with, to);
  if (!found) return;
  change_settings(in, with, std::move(to),
                  [id = found->id](const desk_settings& now) { return domain::drop_webhook_secrets(now, id); }, 204,
                  nullptr, {});
}

// -- deliveries -------------------------------------------------------------------------------------------------------

void list_deliveries(const request& in, services& with, responder to) {
  const auto found = webhook_of(in, with, to);
  if (!found) return;
  auto query = read_delivery_query(in);
  if (!query) return refuse(std::move(to), query.error());
  query->parent = found->id.value;
  send_records(with.desk(), std::move(to), std::move(*query));
}

namespace {

/// One delivery of an endpoint.
domain::record_query one_delivery(const webhook_id& endpoint, const domain::uuid& id) {
  domain::record_query out;
  out.kind = domain::record_kind::deliveries;
  out.parent = endpoint.value;
  out.filters.push_back({"id", {domain::to_string(id)}});
  out.limit = 1;
  return out;
}

/// Accepted: the delivery as it is now.
void show_delivery(gateway& desk, const domain::record_query& which, const domain::caller& who, claimed_key key,
                   responder to) {
  desk.records(which, who,
               domain::completion<record_page>(
                   [&desk, key = std::move(key), to = std::move(to)](result<record_page> found) mutable {
                     if (!found) return to.fail(found.error());
                     if (found->data.empty()) return to.fail(error(errc::not_found));
                     stored_answer answer;
                     answer.status = 202;
                     answer.body = std::move(found->data.front());
                     send_kept(desk, std::move(to), std::move(key), std::move(answer));
                   }));
}

}  // namespace

void redeliver(const request& in, services& with, responder to) {
  const auto endpoint = webhook_of(in, with, to);
  if (!endpoint) return;
  const auto id = domain::parse_uuid(in.path_parameters[1]);
  if (!id) return to.fail(error(errc::not_found));
  if (endpoint->disabled) return to.fail(error(errc::conflict, "the endpoint is disabled"));
  auto& desk = with.desk();
  auto who = in.caller;
  const auto of = endpoint->id;
  with_key(in, with, std::move(to), [&desk, who, of, id = *id](claimed_key key, responder back) mutable {
    auto seen = [&desk, who, of, id, key = std::move(key), back = std::move(back)](result<record_page> found) mutable {
      if (!found) return back.fail(found.error());
      if (found->data.empty()) return back.fail(error(errc::not_found));
      domain::organization_id owner;
      for (const auto& [name, value] : domain::json_members(found->data.front()))
        if (name == "organization_id")
          owner = domain::organization_id::parse(domain::json_string(value).value_or("")).value_or(owner);
      auto done = [&desk, who, of, id, key = std::move(key),
                   back = std::move(back)](result<std::monostate> stored) mutable {
        if (!stored && stored.error().code == errc::conflict)
          return back.fail(error(errc::conflict, "it is being delivered right now"));
        if (!stored) return back.fail(stored.error());
        show_delivery(desk, one_delivery(of, id), *who, std::move(key), std::move(back));
      };
      desk.redeliver(id, of, owner, *who, domain::completion<std::monostate>(std::move(done)));
    };
    desk.records(one_delivery(of, id), *who, domain::completion<record_page>(std::move(seen)));
  });
}

}  // namespace usher::net
