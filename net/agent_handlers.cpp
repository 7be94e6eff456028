// The people of the desk.
#include "domain/agent_access.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/settings_json.hpp"
#include "net/settings_tools.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::desk_settings;
using domain::errc;
using domain::error;
using domain::result;

// -- agents -----------------------------------------------------------------------------------------------------------

namespace {

void encode_known_agent(std::string& out, const desk_settings& now, const std::string& id, gateway& desk) {
  auto found = now.agents.find(id);
  if (found != now.agents.end()) encode_agent(out, found->second, desk.load_of(id));
}

void save_agent(const request& in, services& with, responder to, domain::agent who, int status) {
  auto id = who.id;
  auto& desk = with.desk();
  std::string location;
  if (status == 201) {
    location = "/api/support/agents/";
    append_percent_encoded(location, id);
  }
  change_settings(
      in, with, std::move(to),
      [who = std::move(who), status](const desk_settings& now) -> result<domain::settings_change> {
        if (status == 201 && now.agents.contains(who.id))
          return domain::fail(errc::conflict, "there is an agent of this id");
        return domain::put_agent(now, who);
      },
      status, [id, &desk](std::string& out, const desk_settings& now) { encode_known_agent(out, now, id, desk); },
      std::move(location));
}

std::optional<domain::agent> agent_of(const request& in, services& with, responder& to) {
  const auto now = with.desk().settings();
  if (auto found = now->agents.find(in.path_parameters[0]); found != now->agents.end()) return found->second;
  to.fail(error(errc::not_found));
  return std::nullopt;
}

/// Whether it may; answers 403 otherwise.
bool may_change(const request& in, const std::string& id, responder& to) {
  const auto may = domain::may_change_agent(*in.caller, id);
  if (!may) to.fail(may.error());
  return may.has_value();
}

}  // namespace

void list_agents(const request&, services& with, responder to) {
  auto& desk = with.desk();
  const auto now = desk.settings();
  std::vector<std::string> out;
  for (const auto& [id, who] : now->agents) encode_agent(out.emplace_back(), who, desk.load_of(id));
  send_texts(std::move(to), std::move(out));
}

void get_agent(const request& in, services& with, responder to) {
  auto& desk = with.desk();
  if (const auto who = agent_of(in, with, to)) {
    std::string out;
    encode_agent(out, *who, desk.load_of(who->id));
    send_text(std::move(to), std::move(out));
  }
}

void create_agent(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  domain::agent fresh;
  fresh.id = domain::to_string(domain::new_uuid_v7());
  auto decoded = decode_agent(*body, std::move(fresh), true);
  if (!decoded) return to.fail(decoded.error());
  if (!may_change(in, decoded->id, to)) return;
  if (in.caller->organization && decoded->organizations.empty())
    decoded->organizations.push_back(*in.caller->organization);
  if (auto may = domain::allow_agent(*in.caller, nullptr, *decoded); !may) return to.fail(may.error());
  save_agent(in, with, std::move(to), std::move(*decoded), 201);
}

void put_agent(const request& in, services& with, responder to) {
  auto before = agent_of(in, with, to);
  if (!before || !may_change(in, before->id, to)) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_agent(*body, *before, false);
  if (!decoded) return to.fail(decoded.error());
  if (auto may = domain::allow_agent(*in.caller, &*before, *decoded); !may) return to.fail(may.error());
  save_agent(in, with, std::move(to), std::move(*decoded), 200);
}

void put_presence(const request& in, services& with, responder to) {
  auto who = agent_of(in, with, to);
  if (!who || !may_change(in, who->id, to)) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_presence(*body);
  if (!decoded) return to.fail(decoded.error());
  who->presence = *decoded;
  save_agent(in, with, std::move(to), std::move(*who), 200);
}

}  // namespace usher::net
