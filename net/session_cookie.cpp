#include "net/session_cookie.hpp"

#include <openssl/crypto.h>

#include "net/problem.hpp"

namespace usher::net {

namespace {

std::optional<response> refuse(const request& in, std::string detail) {
  refusal why;
  why.status = 403;
  why.code = "csrf_refused";
  why.detail = std::move(detail);
  return make_problem(why, in);
}

bool is_origin_of(std::string_view origin, std::string_view host, std::string_view scheme) noexcept {
  return !host.empty() && origin.starts_with(scheme) && origin.substr(scheme.size()) == host;
}

bool same_secret(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view session_cookie_name(bool secure) noexcept { return secure ? "__Host-usher_session" : "usher_session"; }

std::string_view find_cookie(std::string_view header, std::string_view name) noexcept {
  while (!header.empty()) {
    const auto end = header.find(';');
    auto pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

std::string session_cookie(std::string_view token, std::chrono::seconds lifetime, bool secure) {
  std::string out(session_cookie_name(secure));
  out += '=';
  out += token;
  out += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(token.empty() ? 0 : lifetime.count());
  if (secure) out += "; Secure";
  return out;
}

bool is_of_another_site(const request_head& head, bool secure) noexcept {
  if (!head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none") return true;
  if (head.origin.empty()) return false;
  if (is_origin_of(head.origin, head.host, "https://")) return false;
  return secure || !is_origin_of(head.origin, head.host, "http://");
}

std::optional<domain::staff_session> session_of(const request& in, const services& with, domain::session_use use) {
  if (with.door.staff == nullptr || in.head.cookie.empty() || !in.head.authorization.empty()) return std::nullopt;
  const auto token = find_cookie(in.head.cookie, session_cookie_name(with.door.secure_cookies));
  if (token.empty()) return std::nullopt;
  return with.door.staff->find(token, with.now(), use);
}

std::optional<response> refuse_forged(const request& in, const services& with, const domain::staff_session& session) {
  if (in.how == method::get || in.how == method::head) return std::nullopt;
  if (auto no = refuse_foreign(in, with)) return no;
  if (same_secret(in.head.csrf_token, session.csrf_token)) return std::nullopt;
  return refuse(in, "A change by a session needs its X-CSRF-Token.");
}

std::optional<response> refuse_foreign(const request& in, const services& with) {
  if (!is_of_another_site(in.head, with.door.secure_cookies)) return std::nullopt;
  return refuse(in, "The request comes from a page of another site.");
}

}  // namespace usher::net
