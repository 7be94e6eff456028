// Reading the session's cookie, and telling whose page has sent a request.
#include <catch2/catch_test_macros.hpp>

#include "net/session_cookie.hpp"

using namespace usher;
using namespace std::chrono_literals;

TEST_CASE("session cookie: it is found by its whole name", "[login]") {
  CHECK(net::find_cookie("usher_session=abc", "usher_session") == "abc");
  CHECK(net::find_cookie("a=b; usher_session=abc; c=d", "usher_session") == "abc");
  CHECK(net::find_cookie("x_usher_session=abc", "usher_session").empty());
  CHECK(net::find_cookie("usher_session_x=abc", "usher_session").empty());
  CHECK(net::find_cookie("__Host-usher_session=abc", "usher_session").empty());
  CHECK(net::find_cookie("usher_session", "usher_session").empty());
  CHECK(net::find_cookie("usher_session=", "usher_session").empty());
  CHECK(net::find_cookie("", "usher_session").empty());
  CHECK(net::find_cookie(";;; =;usher_session=1", "usher_session") == "1");
}

TEST_CASE("session cookie: no script reads it, and no other site sends it", "[login]") {
  CHECK(net::session_cookie("abc", 12h, false) ==
        "usher_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
  CHECK(net::session_cookie("abc", 1h, true) ==
        "__Host-usher_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure");
  CHECK(net::session_cookie("", 1h, false) == "usher_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST_CASE("session cookie: another site's page is told by what the browser says", "[login]") {
  const auto foreign = [](std::string_view site, std::string_view origin, bool secure = false) {
    net::request_head head;
    head.host = "desk.example:8080";
    head.fetch_site = site;
    head.origin = origin;
    return net::is_of_another_site(head, secure);
  };
  CHECK_FALSE(foreign("", ""));
  CHECK_FALSE(foreign("same-origin", ""));
  CHECK_FALSE(foreign("none", ""));
  CHECK_FALSE(foreign("same-origin", "http://desk.example:8080"));
  CHECK_FALSE(foreign("", "https://desk.example:8080", true));
  CHECK(foreign("same-site", ""));
  CHECK(foreign("cross-site", ""));
  CHECK(foreign("SAME-ORIGIN", ""));
  CHECK(foreign("", "null"));
  CHECK(foreign("", "http://desk.example"));
  CHECK(foreign("", "http://desk.example:8080.evil.example"));
  CHECK(foreign("", "http://evil.example"));
  CHECK(foreign("same-origin", "http://evil.example"));
  CHECK(foreign("", "http://desk.example:8080", true));
}
