#include <algorithm>

#include "metrics/log/log.hpp"
#include "net/api_key_text.hpp"
#include "net/problem.hpp"
#include "net/router.hpp"
#include "net/session_cookie.hpp"

namespace usher::net {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool starts_ignoring_case(std::string_view text, std::string_view lower_prefix) noexcept {
  return text.size() >= lower_prefix.size() && std::ranges::equal(text.substr(0, lower_prefix.size()), lower_prefix,
                                                                  [](char a, char b) { return lower(a) == b; });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// `application/json`, with no parameter but `charset=utf-8`.
bool is_json(std::string_view type) noexcept {
  constexpr std::string_view json = "application/json";
  if (!starts_ignoring_case(type, json)) return false;
  auto rest = trim(type.substr(json.size()));
  if (rest.empty()) return true;
  if (rest.front() != ';') return false;
  rest = trim(rest.substr(1));
  for (const std::string_view charset : {"charset=utf-8", "charset=\"utf-8\""})
    if (rest.size() == charset.size() && starts_ignoring_case(rest, charset)) return true;
  return rest.empty();
}

response refuse(const request& in, int status, std::string_view code, std::string detail, std::string headers = {}) {
  refusal why;
  why.status = status;
  why.code = code;
  why.detail = std::move(detail);
  why.headers = std::move(headers);
  return make_problem(why, in);
}

/// No path, or not with this method.
response refuse_route(const request& in, const std::string& allow) {
  if (allow.empty()) return make_problem(domain::error(domain::errc::not_found), in);
  if (in.how == method::options) {
    response out;
    out.status = 204;
    add_header(out, "Allow", allow);
    return out;
  }
  return refuse(in, 405, "method_not_allowed", "This path does not have this method.", "Allow: " + allow + "\r\n");
}

/// Refused for now; `Retry-After` says for how long.
response refuse_rate(services& with, const request& in, const rate_refusal& why, importance what) {
  if (with.door.watcher != nullptr) with.door.watcher->refused(why.why, to_word(what));
  const auto* detail = why.why == refused_for::address
                           ? "More requests without a token that holds than one address may send in a second."
                           : "More requests than this caller or its organization may send in a second.";
  return refuse(in, 429, "rate_limited", detail, "Retry-After: " + std::to_string(why.wait.count()) + "\r\n");
}

std::optional<response> meter_stranger(services& with, const request& in, importance what) {
  if (with.door.rates == nullptr) return std::nullopt;
  if (const auto no = with.door.rates->admit_stranger(in)) return refuse_rate(with, in, *no, what);
  return std::nullopt;
}

/// The caller of a session: the agent as the desk knows it now. Null when there is none, or when the agent is limited
/// to organizations that the session is not one of.
std::shared_ptr<const domain::caller> caller_of(const domain::staff_session& session, const services& with) {
  const auto settings = with.desk().settings();
  const auto found = settings->agents.find(session.user);
  if (found == settings->agents.end() || !domain::may_go_on(session, found->second.organizations)) return nullptr;
  return std::make_shared<const domain::caller>(domain::caller{session.user, found->second.role, session.organization});
}

/// The key that a machine shows, while it holds: looked up each time, so that a revoked one is refused at once.
std::shared_ptr<const domain::api_key> key_shown(const services& with, std::string_view token, domain::instant now) {
  if (!token.starts_with(api_key_mark)) return nullptr;
  const auto hash = read_api_key(token);
  if (!hash) return nullptr;
  const auto settings = with.desk().settings();
  const auto found = settings->api_keys->find(*hash);
  if (found == settings->api_keys->end() || !found->second->holds(now)) return nullptr;
  found->second->used->note(now);
  return found->second;
}

struct bearer {
  bool shows = false;
  std::string_view token;
};

bearer bearer_of(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer ";
  if (!starts_ignoring_case(authorization, scheme)) return {};
  return {true, trim(authorization.substr(scheme.size()))};
}

/// Whom what the request shows speaks for now; null when it is nobody.
std::shared_ptr<const domain::caller> caller_now(services& with, const request& in) {
  const auto now = with.now();
  const auto [shows, token] = bearer_of(in.head.authorization);
  if (!shows) {
    const auto session = session_of(in, with, domain::session_use::stream);
    return session ? caller_of(*session, with) : nullptr;
  }
  if (const auto key = key_shown(with, token, now)) return std::make_shared<const domain::caller>(key->caller());
  with.tokens.follow(with.door.tokens->generation());
  if (auto known = with.tokens.find(token, now)) return known;
  auto verified = with.door.tokens->verify(token, now, with.json);
  return verified ? with.tokens.add(token, std::move(*verified)) : nullptr;
}

/// `key` is set when it is a machine that asks.
std::optional<response> authenticate(services& with, request& in, importance what,
                                     std::shared_ptr<const domain::api_key>& key) {
  const auto header = in.head.authorization;
  const auto [shows, token] = bearer_of(header);
  const auto now = with.now();
  if (key = shows ? key_shown(with, token, now) : nullptr; key) {
    in.caller = std::make_shared<const domain::caller>(key->caller());
    return std::nullopt;
  }
  with.tokens.follow(with.door.tokens->generation());
  in.caller = shows ? with.tokens.find(token, now) : nullptr;
  if (in.caller) return std::nullopt;
  if (const auto session = session_of(in, with)) {
    in.caller = caller_of(*session, with);
    if (in.caller) return refuse_forged(in, with, *session);
  }
  // Before the token is looked at: so is guessing metered, and what it costs to verify.
  if (auto no = meter_stranger(with, in, what)) return no;
  if (header.empty()) return refuse(in, 401, "unauthenticated", "Send a bearer token.", "WWW-Authenticate: Bearer\r\n");
  constexpr std::string_view challenge = "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
  const auto wrong = [&] {
    return refuse(in, 401, "invalid_token", "The token is not valid.", std::string(challenge));
  };
  if (!shows) return wrong();
  auto verified = with.door.tokens->verify(token, now, with.json);
  if (!verified) {
    log::debug("token refused", {{"request_id", in.request_id}, {"reason", verified.error().detail}});
    return wrong();
  }
  if (with.door.rates != nullptr) with.door.rates->recognize(in);
  in.caller = with.tokens.add(token, std::move(*verified));
  return std::nullopt;
}

std::optional<response> meter(services& with, request& in, importance what) {
  if (with.door.rates == nullptr) return std::nullopt;
  if (const auto no = with.door.rates->admit(in)) return refuse_rate(with, in, *no, what);
  return std::nullopt;
}

std::optional<response> check_parameters(const route& r, const limits& bounds, request& in) {
  const auto is_text = [](const parameter& p) { return is_utf8(p.name) && is_utf8(p.value); };
  if (!parse_query(in.query, bounds.parameters_max, in.parameters) || !std::ranges::all_of(in.parameters, is_text))
    return refuse(in, 400, "bad_parameter", "The query is not well-formed.");
  for (std::size_t i = 0; i < in.parameters.size(); ++i) {
    const auto& name = in.parameters[i].name;
    if (std::ranges::find(r.parameters, name) == r.parameters.end())
      return refuse(in, 400, "unknown_parameter",
                    "There is no parameter " + (name.size() > 64 ? "of that name" : name) + " here.");
    for (std::size_t j = 0; j < i; ++j)
      if (in.parameters[j].name == name)
        return refuse(in, 400, "bad_parameter", "The parameter " + name + " may be given once only.");
  }
  return std::nullopt;
}

}  // namespace

bool still_holds(services& with, const request& in) {
  if (!in.caller) return true;
  const auto now = caller_now(with, in);
  return now != nullptr && now->sub == in.caller->sub && now->role == in.caller->role &&
         now->organization == in.caller->organization;
}

std::optional<response> admit(const router& routes, services& with, request& in, const route*& found) {
  auto match = routes.find(in.how, in.path);
  in.route = match.index;
  in.path_parameters = match.parameters;
  in.parameters.clear();
  in.caller = nullptr;
  found = match.found;
  if (found == nullptr) {
    if (auto no = meter_stranger(with, in, importance::read)) return no;
    return refuse_route(in, match.allow);
  }
  const auto& traits = routes.traits(match.index);
  if (!found->least && traits.matters != importance::vital)
    if (auto no = meter_stranger(with, in, traits.matters)) return no;
  if (found->least) {
    std::shared_ptr<const domain::api_key> key;
    if (auto no = authenticate(with, in, traits.matters, key)) return no;
    if (auto no = meter(with, in, traits.matters)) return no;
    if (!in.caller->at_least(*found->least)) return make_problem(domain::error(domain::errc::forbidden), in);
    if (key && !domain::scopes_allow(key->scopes, found->how == method::get, found->path))
      return make_problem(domain::error(domain::errc::forbidden, "this is outside the scopes of the key"), in);
    if (traits.whole_desk && in.caller->organization)
      return make_problem(domain::error(domain::errc::forbidden,
                                        "this holds for the whole desk, and the caller is narrowed to an organization"),
                          in);
  }
  if (!in.query.empty())
    if (auto no = check_parameters(*found, with.door.bounds, in)) return no;
  if (found->takes_json && !is_json(in.head.content_type))
    return refuse(in, 415, "unsupported_media_type", "The body has to be application/json in UTF-8.");
  return std::nullopt;
}

}  // namespace usher::net
