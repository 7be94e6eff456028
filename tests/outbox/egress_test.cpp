// The guard: which addresses are nobody's, every spelling of them, and that a connection goes where was checked.
#include "outbox/egress.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/outbox/outbox_fixture.hpp"

using namespace usher::test;
using usher::domain::errc;
using usher::domain::fail;
using usher::domain::result;

namespace {

address ip(std::string_view text) {
  auto read = parse_address(text);
  REQUIRE(read);
  return *read;
}

/// A name service that knows one answer.
resolver knowing(std::vector<std::string> addresses, int* asked = nullptr) {
  return [=](const std::string&, steady_time, const std::stop_token&) -> result<std::vector<address>> {
    if (asked != nullptr) ++*asked;
    std::vector<address> out;
    for (const auto& text : addresses) out.push_back(ip(text));
    return out;
  };
}

delivery_result deliver(const std::string& url, const egress_policy& policy, resolver look_up = system_resolver()) {
  fixed_clock clock;
  return make_webhook_channel({policy, patient}, clock, std::move(look_up))->deliver(hook_to(url));
}

}  // namespace

TEST_CASE("egress: addresses of a special purpose, to the edges of their networks", "[outbox][egress]") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "168.63.129.16",
                           "169.254.0.0",
                           "169.254.169.254",
                           "169.254.255.255",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.0",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.31.196.1",
                           "192.52.193.1",
                           "192.88.99.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "192.175.48.1",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.255",
                           "224.0.0.0",
                           "239.255.255.255",
                           "240.0.0.0",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::7f00:1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "100::1",
                           "100:0:0:1::1",
                           "2001::1",
                           "2001:1ff:ffff::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2620:4f:8000::1",
                           "3fff::1",
                           "3fff:fff:ffff::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1",
                           "1fff::1"}) {
    CAPTURE(text);
    CHECK(special_purpose(ip(text)));
  }
  for (const char* text : {"1.1.1.1",          "8.8.8.8",         "9.255.255.255",   "11.0.0.0",
                           "100.63.255.255",   "100.128.0.0",     "126.255.255.255", "128.0.0.0",
                           "168.63.129.15",    "169.253.255.255", "169.255.0.0",     "172.15.255.255",
                           "172.32.0.0",       "192.0.1.0",       "192.0.3.0",       "192.167.255.255",
                           "192.169.0.0",      "198.17.255.255",  "198.20.0.0",      "203.0.112.255",
                           "203.0.114.0",      "223.255.255.255", "2001:200::1",     "2001:4860:4860::8888",
                           "2001:db7:ffff::1", "2001:db9::1",     "2003::1",         "2606:4700:4700::1111",
                           "2620:4f:7fff::1",  "3ffe:ffff::1",    "2a00:1450::1"}) {
    CAPTURE(text);
    CHECK_FALSE(special_purpose(ip(text)));
  }
}

TEST_CASE("egress: networks are read, and contain what they should", "[outbox][egress]") {
  CHECK(parse_network("10.0.0.0/9")->contains(ip("10.127.255.255")));
  CHECK_FALSE(parse_network("10.0.0.0/9")->contains(ip("10.128.0.0")));
  CHECK(parse_network("0.0.0.0/0")->contains(ip("203.0.113.7")));
  CHECK_FALSE(parse_network("0.0.0.0/0")->contains(ip("::1")));
  CHECK(parse_network("127.0.0.1")->contains(ip("127.0.0.1")));
  CHECK_FALSE(parse_network("127.0.0.1")->contains(ip("127.0.0.2")));
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0/8", "::/129", "x/8"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_network(bad));
  }
  CHECK(to_string(ip("2001:db8:0::1")) == "2001:db8::1");
}

TEST_CASE("egress: loopback and its relatives are refused in every spelling", "[outbox][egress]") {
  local_server server(answering(response(200)));
  const auto port = ":" + std::to_string(server.port());
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "127.0.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.0.0.1",
                           "0x7F.1",
                           "0177.0.0.1",
                           "017700000001",
                           "0177.0x0.0.1",
                           "%31%32%37.0.0.1",
                           "%30x7f.1",
                           "127.00000000001",
                           "0",
                           "0.0.0.0",
                           "localhost",
                           "LOCALHOST",
                           "[::1]",
                           "[0:0:0:0:0:0:0:1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[2002:7f00:1::]",
                           "[fe80::1]",
                           "[::]",
                           "169.254.169.254",
                           "0xa9fea9fe",
                           "2852039166",
                           "10.0.0.1",
                           "192.168.1.1"}) {
    CAPTURE(host);
    for (const char* scheme : {"http://", "https://"}) {
      const auto result = deliver(scheme + std::string(host) + port + "/", egress_policy{{}, true, {}});
      CHECK(result.what == outcome::rejected);
      CHECK(result.http_status == 0);
      CHECK_FALSE(result.detail.empty());
    }
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("egress: odd URLs are refused before a name is looked up", "[outbox][egress]") {
  int asked = 0;
  const std::string long_host = "https://" + std::string(254, 'a') + "/";
  for (const std::string& url : {std::string(""),
                                 std::string("hook.example.com"),
                                 std::string("/hook"),
                                 std::string("ftp://example.com/"),
                                 std::string("file:///etc/passwd"),
                                 std::string("gopher://example.com/"),
                                 std::string("dict://example.com/"),
                                 std::string("unix:///run/x"),
                                 std::string("javascript:alert(1)"),
                                 std::string("https://"),

                                 std::string("https://user@example.com/"),
                                 std::string("https://user:secret@example.com/"),
                                 std::string("https://:x@example.com/"),
                                 std::string("https://example.com:0/"),
                                 std::string("https://example.com:65536/"),
                                 std::string("https://example.com:x/"),
                                 std::string("https://exa mple.com/"),
                                 std::string("https://example.com/\r\nX-Evil: 1"),
                                 std::string("https://example.com./"),

                                 std::string("https://bücher.de/"),
                                 std::string("https://１２７.0.0.1/"),
                                 std::string("https://[fe80::1%25eth0]/"),
                                 std::string("https://[::1/"),
                                 std::string("https://[::1]x/"),
                                 std::string("https://exam!ple.com/"),
                                 std::string("https://a\\b/"),
                                 long_host,
                                 "https://example.com/" + std::string(2048, 'x')}) {
    CAPTURE(url);
    const auto result = deliver(url, egress_policy{}, knowing({"1.1.1.1"}, &asked));
    CHECK(result.what == outcome::rejected);
    CHECK_FALSE(check_url(url, egress_policy{}));
  }
  CHECK(asked == 0);
}

TEST_CASE("egress: a URL is read as the connection will be made", "[outbox][egress]") {
  auto read = parse_target("HTTPS://Hooks.Example.com/a/../b?x=1#frag");
  REQUIRE(read);
  CHECK(read->https);
  CHECK(read->port == 443);
  CHECK_FALSE(read->literal);
  CHECK(read->url.find('#') == std::string::npos);
  read = parse_target("https://ex%61mple.com/");
  REQUIRE(read);
  CHECK(read->host == "example.com");
  CHECK(read->url == "https://example.com/");
  read = parse_target("http://0x7f.1:8080");
  REQUIRE(read);
  CHECK(read->literal == ip("127.0.0.1"));
  CHECK(read->port == 8080);
  read = parse_target("http://[0:0::1]/");
  REQUIRE(read);
  CHECK(read->literal == ip("::1"));
  CHECK(read->port == 80);
}

TEST_CASE("egress: https and a few ports, unless settings say otherwise", "[outbox][egress]") {
  const egress_policy strict;
  CHECK(check_url("https://example.com/", strict));
  CHECK(check_url("https://example.com:8443/", strict));
  CHECK_FALSE(check_url("https://example.com:22/", strict));
  CHECK_FALSE(check_url("http://example.com/", strict));
  CHECK(check_url("http://example.com/", egress_policy{{}, true, {80}}));
  CHECK(check_url("https://example.com:22/", egress_policy{{}, false, {}}));
  CHECK_FALSE(check_url("https://127.0.0.1/", strict));
  CHECK_FALSE(check_url("https://[::1]/", strict));
  CHECK(check_url("http://127.0.0.1:9999/", loopback_allowed()));
  CHECK(check_url("http://127.0.0.1:9999/", egress_policy::unrestricted()));
  auto refused = check_url("https://10.0.0.1/", loopback_allowed());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid);
  // The same holds for what a name turns out to be.
  int asked = 0;
  CHECK(deliver("https://example.com:22/", strict, knowing({"1.1.1.1"}, &asked)).what == outcome::rejected);
  CHECK(deliver("http://example.com/", strict, knowing({"1.1.1.1"}, &asked)).what == outcome::rejected);
  CHECK(asked == 2);
}

TEST_CASE("egress: one forbidden address is enough", "[outbox][egress]") {
  local_server server(answering(response(200)));
  const auto url = "http://hooks.example.com:" + std::to_string(server.port()) + "/";
  for (const std::vector<std::string>& answer : {std::vector<std::string>{"10.0.0.1"},
                                                 {"127.0.0.1", "10.0.0.1"},
                                                 {"127.0.0.1", "::ffff:10.0.0.1"},
                                                 {"fe80::1", "127.0.0.1"}}) {
    CHECK(deliver(url, loopback_allowed(), knowing(answer)).what == outcome::rejected);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("egress: the connection goes to the address that was checked", "[outbox][egress]") {
  local_server server(answering(response(200)));
  // The name exists for this resolver only: had the library looked it up again, nothing would be found.
  const auto host = "hooks.usher-test.invalid:" + std::to_string(server.port());
  int asked = 0;
  CHECK(deliver("http://" + host + "/x", loopback_allowed(), knowing({"127.0.0.1"}, &asked)).what ==
        outcome::delivered);
  CHECK(asked == 1);
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests().front().header("host") == host);
  // Each try asks anew.
  CHECK(deliver("http://" + host + "/x", loopback_allowed(), knowing({"192.168.0.1"}, &asked)).what ==
        outcome::rejected);
  CHECK(asked == 2);
  CHECK(server.connections() == 1);
}

TEST_CASE("egress: the next address is tried when one does not answer", "[outbox][egress]") {
  local_server server(answering(response(200)));
  const auto url = "http://hooks.example.com:" + std::to_string(server.port()) + "/";
  egress_policy policy;
  policy.exceptions = {*parse_network("127.0.0.0/8")};
  CHECK(deliver(url, policy, knowing({"127.0.0.9", "127.0.0.1"})).what == outcome::delivered);
}

TEST_CASE("egress: proxies of the environment are not asked", "[outbox][egress]") {
  local_server proxy(answering(response(200)));
  local_server server(answering(response(200)));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
    ::setenv(name, proxy.url().c_str(), 1);
  }
  const auto result = deliver(server.url(), loopback_allowed());
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) ::unsetenv(name);
  CHECK(result.what == outcome::delivered);
  CHECK(proxy.connections() == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("egress: names that can't be looked up now are tried again later", "[outbox][egress]") {
  for (auto code : {errc::not_found, errc::timed_out, errc::overloaded, errc::shutting_down}) {
    const auto result =
        deliver("https://example.com/", egress_policy{},
                [&](const std::string&, steady_time,
                    const std::stop_token&) -> usher::domain::result<std::vector<address>> { return fail(code); });
    CHECK(result.what == outcome::retry);
    CHECK_FALSE(result.detail.empty());
  }
  CHECK(deliver("https://example.com/", egress_policy{}, knowing({})).what == outcome::retry);
}

TEST_CASE("egress: the system's resolver finds, does not find, and gives up", "[outbox][egress]") {
  const auto look_up = system_resolver();
  const auto later = std::chrono::steady_clock::now() + 60s;
  const auto found = look_up("localhost", later, {});
  REQUIRE(found);
  for (const auto& a : *found) CHECK(special_purpose(a));
  const auto missing = look_up("no-such-host.invalid", later, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::not_found);
}

TEST_CASE("egress: a lookup that hangs is given up, and such lookups do not pile up", "[outbox][egress]") {
  struct gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
  };
  auto held = std::make_shared<gate>();
  // What hangs may outlast the test: it owns what it touches, and asserts nothing.
  const auto look_up = bounded_resolver(
      [held, answer = ip("1.1.1.1")](const std::string&) {
        std::unique_lock lock(held->mutex);
        held->changed.wait(lock, [&] { return held->open; });
        return std::vector{answer};
      },
      2);
  const auto later = std::chrono::steady_clock::now() + 60s;
  const auto late = look_up("a.example.com", std::chrono::steady_clock::now() + 20ms, {});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == errc::timed_out);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = look_up("b.example.com", later, stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == errc::shutting_down);
  const auto full = look_up("c.example.com", later, {});
  REQUIRE_FALSE(full);
  CHECK(full.error().code == errc::overloaded);
  {
    std::scoped_lock lock(held->mutex);
    held->open = true;
  }
  held->changed.notify_all();
  // The two that were given up make room as they end.
  auto found = look_up("d.example.com", later, {});
  while (!found && found.error().code == errc::overloaded && std::chrono::steady_clock::now() < later) {
    std::this_thread::yield();
    found = look_up("d.example.com", later, {});
  }
  REQUIRE(found);
  CHECK(*found == std::vector{ip("1.1.1.1")});
}
