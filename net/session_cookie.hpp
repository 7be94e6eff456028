// The cookie by which a browser shows a staff session, and what a write by it needs beside.
#pragma once

#include <string>
#include <string_view>

#include "net/router.hpp"

namespace usher::net {

/// `__Host-…` over TLS, so that no neighbour of the desk's host can set one.
[[nodiscard]] std::string_view session_cookie_name(bool secure) noexcept;
/// The value of a cookie of a `Cookie` header; empty when it is not there.
[[nodiscard]] std::string_view find_cookie(std::string_view header, std::string_view name) noexcept;
/// The value of `Set-Cookie`. An empty token takes the cookie away.
[[nodiscard]] std::string session_cookie(std::string_view token, std::chrono::seconds lifetime, bool secure);

/// Whether a browser says that a page of another origin has sent this (Fetch Metadata, `Origin`). A client that says
/// nothing is no browser.
[[nodiscard]] bool is_of_another_site(const request_head& head, bool secure) noexcept;

/// The session that the request shows; nothing for one with `Authorization`, whose caller that decides.
[[nodiscard]] std::optional<domain::staff_session> session_of(const request& in, const services& with,
                                                              domain::session_use use = domain::session_use::request);

/// The refusal of a request by cookie that another site may have caused; nothing when it may go on.
[[nodiscard]] std::optional<response> refuse_forged(const request& in, const services& with,
                                                    const domain::staff_session& session);
/// Of a login, which has no session yet.
[[nodiscard]] std::optional<response> refuse_foreign(const request& in, const services& with);

}  // namespace usher::net
