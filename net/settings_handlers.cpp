// What people set for the desk: policies, the ladder's rules, calendars, categories.
#include <charconv>

#include "domain/json_writer.hpp"
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

// -- policies ---------------------------------------------------------------------------------------------------------

void list_policies(const request&, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (std::size_t t = 0; t < domain::tier_count; ++t)
    for (std::size_t p = 0; p < domain::priority_count; ++p)
      encode_policy(out.emplace_back(), domain::tier(t), domain::priority(p), now->policies[t][p]);
  send_texts(std::move(to), std::move(out));
}

void put_policy(const request& in, services& with, responder to) {
  const auto tier = domain::parse_tier(in.path_parameters[0]);
  const auto priority = domain::parse_priority(in.path_parameters[1]);
  if (!tier || !priority) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_policy(*body);
  if (!decoded) return to.fail(decoded.error());
  change_settings(
      in, with, std::move(to),
      [t = *tier, p = *priority, how = std::move(*decoded)](const desk_settings& now) {
        return domain::change_policy(now, t, p, how);
      },
      200,
      [t = *tier, p = *priority](std::string& out, const desk_settings& now) {
        encode_policy(out, t, p, now.policies[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)]);
      },
      {});
}

// -- the freeze of wedding days ---------------------------------------------------------------------------------------

void get_freeze(const request&, services& with, responder to) {
  with.desk().freeze(
      domain::completion<domain::freeze_state>([back = std::move(to)](result<domain::freeze_state> state) mutable {
        if (!state) return back.fail(state.error());
        std::string out;
        domain::json_writer w(out);
        w.begin_object();
        w.member("frozen", state->frozen);
        w.member("reason", state->reason);
        w.member("until", state->until);
        w.member("next", state->next);
        w.end_object();
        send_text(std::move(back), std::move(out));
      }));
}

// -- the ladder's rules -----------------------------------------------------------------------------------------------

void list_rules(const request&, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (const auto& rule : now->rules) encode_rule(out.emplace_back(), rule);
  send_texts(std::move(to), std::move(out));
}

namespace {

/// The level of the path; nothing, and the request answered with 404, when there is none.
std::optional<int> level_of(const request& in, responder& to) {
  const auto text = in.path_parameters[0];
  int level = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), level);
  if (ec == std::errc() && end == text.data() + text.size() && domain::is_level(level)) return level;
  to.fail(error(errc::not_found));
  return std::nullopt;
}

}  // namespace

void get_rule(const request& in, services& with, responder to) {
  const auto level = level_of(in, to);
  if (!level) return;
  const auto now = with.desk().settings();
  {
    std::string out;
    encode_rule(out, now->rules[domain::level_index(*level)]);
    send_text(std::move(to), std::move(out));
  }
}

void put_rule(const request& in, services& with, responder to) {
  const auto level = level_of(in, to);
  if (!level) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_rule(*body);
  if (!decoded) return to.fail(decoded.error());
  change_settings(
      in, with, std::move(to),
      [level = *level, how = std::move(*decoded)](const desk_settings& now) {
        return domain::change_rule(now, level, how);
      },
      200,
      [level = *level](std::string& out, const desk_settings& now) {
        encode_rule(out, now.rules[domain::level_index(level)]);
      },
      {});
}

// -- calendars --------------------------------------------------------------------------------------------------------

void list_calendars(const request&, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (const auto& [id, calendar] : now->calendars) encode_calendar(out.emplace_back(), calendar->rules());
  send_texts(std::move(to), std::move(out));
}

namespace {

/// The calendar of the path, as it is; the request is answered with 404 when there is none.
std::optional<domain::calendar_rules> calendar_of(const request& in, services& with, responder& to) {
  const auto id = domain::calendar_id::parse(in.path_parameters[0]);
  const auto now = with.desk().settings();
  const auto found = id ? now->calendars.find(*id) : now->calendars.end();
  if (found != now->calendars.end()) return found->second->rules();
  to.fail(error(errc::not_found));
  return std::nullopt;
}

void save_calendar(const request& in, services& with, responder to, domain::calendar_rules rules, int status) {
  auto id = rules.id;
  auto location = status == 201 ? "/api/support/sla/calendars/" + to_string(id) : std::string();
  change_settings(
      in, with, std::move(to),
      [rules = std::move(rules)](const desk_settings& now) { return domain::put_calendar(now, rules); }, status,
      [id](std::string& out, const desk_settings& now) {
        if (auto found = now.calendars.find(id); found != now.calendars.end())
          encode_calendar(out, found->second->rules());
      },
      std::move(location));
}

}  // namespace

void get_calendar(const request& in, services& with, responder to) {
  if (const auto rules = calendar_of(in, with, to)) {
    std::string out;
    encode_calendar(out, *rules);
    send_text(std::move(to), std::move(out));
  }
}

void create_calendar(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  domain::calendar_rules fresh;
  fresh.id = domain::calendar_id::generate();
  auto decoded = decode_calendar(*body, std::move(fresh), true);
  if (!decoded) return to.fail(decoded.error());
  save_calendar(in, with, std::move(to), std::move(*decoded), 201);
}

void put_calendar(const request& in, services& with, responder to) {
  auto before = calendar_of(in, with, to);
  if (!before) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_calendar(*body, std::move(*before), false);
  if (!decoded) return to.fail(decoded.error());
  save_calendar(in, with, std::move(to), std::move(*decoded), 200);
}

void delete_calendar(const request& in, services& with, responder to) {
  const auto id = domain::calendar_id::parse(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  change_settings(in, with, std::move(to),
                  [id = *id](const desk_settings& now) { return domain::remove_calendar(now, id); }, 204, nullptr, {});
}

// -- categories -------------------------------------------------------------------------------------------------------

void list_categories(const request&, services& with, responder to) {
  const auto now = with.desk().settings();
  std::vector<std::string> out;
  for (const auto& [code, category] : now->categories) encode_category(out.emplace_back(), category);
  send_texts(std::move(to), std::move(out));
}

namespace {

void save_category(const request& in, services& with, responder to, domain::desk_category what, int status) {
  auto code = what.code;
  change_settings(
      in, with, std::move(to),
      [what = std::move(what), status](const desk_settings& now) -> result<domain::settings_change> {
        if (status == 201 && now.categories.contains(what.code))
          return domain::fail(errc::conflict, "there is a category of this code");
        return domain::put_category(now, what);
      },
      status, status == 204 ? settings_view() : settings_view([code](std::string& out, const desk_settings& now) {
        if (auto found = now.categories.find(code); found != now.categories.end()) encode_category(out, found->second);
      }),
      status == 201 ? "/api/support/categories/" + code : std::string());
}

std::optional<domain::desk_category> category_of(const request& in, services& with, responder& to) {
  const auto now = with.desk().settings();
  if (auto found = now->categories.find(in.path_parameters[0]); found != now->categories.end()) return found->second;
  to.fail(error(errc::not_found));
  return std::nullopt;
}

}  // namespace

void get_category(const request& in, services& with, responder to) {
  if (const auto found = category_of(in, with, to)) {
    std::string out;
    encode_category(out, *found);
    send_text(std::move(to), std::move(out));
  }
}

void create_category(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_category(*body, {}, true);
  if (!decoded) return to.fail(decoded.error());
  save_category(in, with, std::move(to), std::move(*decoded), 201);
}

void put_category(const request& in, services& with, responder to) {
  auto before = category_of(in, with, to);
  if (!before) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_category(*body, std::move(*before), false);
  if (!decoded) return to.fail(decoded.error());
  decoded->retired = false;
  save_category(in, with, std::move(to), std::move(*decoded), 200);
}

// Its tickets keep it; new ones can't have it.
void delete_category(const request& in, services& with, responder to) {
  auto what = category_of(in, with, to);
  if (!what) return;
  if (what->retired) return to.fail(error(errc::not_found));
  what->retired = true;
  save_category(in, with, std::move(to), std::move(*what), 204);
}

}  // namespace usher::net
