// Keys of machines at the front door: who gets in with one, as whom, and what it may.
#include <catch2/catch_test_macros.hpp>

#include "domain/api_key_change.hpp"
#include "net/api_key_text.hpp"
#include "server_fixture.hpp"

using namespace usher;
using domain::key_scope;
using domain::role;
using test::server_fixture;

namespace {

const std::string tickets = "/api/support/tickets";
const std::string cake = R"({"subject":"Cake","body":"No cake."})";

struct world : server_fixture {
  using server_fixture::server_fixture;

  /// The text of a key that the desk has.
  std::string key_of(role as, std::vector<key_scope> scopes, std::optional<domain::instant> until = {}) {
    auto text = net::make_api_key();
    domain::api_key made;
    made.id = last = domain::api_key_id::generate();
    if (as == role::requester) made.organization = home;
    made.name = "Machine";
    made.hash = text.hash;
    made.prefix = text.prefix;
    made.role = as;
    made.scopes = std::move(scopes);
    made.expires_at = until;
    change([made](const domain::desk_settings& now) { return add_api_key(now, made); });
    return text.text;
  }

  void change(std::function<domain::result<domain::settings_change>(const domain::desk_settings&)> how) {
    settings_request what;
    bool done = false;
    what.edit = std::move(how);
    what.done = domain::completion<domain::settings_ptr>(
        [&done](domain::result<domain::settings_ptr> now) { done = now.has_value(); });
    desk.change_settings(std::move(what));
    REQUIRE(done);
  }

  test::raw_response ask(const std::string& line, const std::string& token, const std::string& body = "") {
    auto bytes = line + " HTTP/1.1\r\nHost: desk\r\nX-Request-Id: same\r\nAuthorization: Bearer " + token + "\r\n";
    if (!body.empty())
      bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    auto c = client();
    auto got = c.ask(bytes + "\r\n" + body);
    REQUIRE(got);
    return *got;
  }

  domain::api_key_id last;
};

}  // namespace

TEST_CASE("api keys: a machine gets in as its key, and does what the scopes and the role let it") {
  world with;
  const auto key = with.key_of(role::requester, {key_scope::tickets_read, key_scope::tickets_write});
  const auto made = with.ask("POST " + tickets, key, cake);
  CHECK(made.status == 201);
  CHECK(made.body.find("\"requester_id\":\"key:" + to_string(with.last) + "\"") != std::string::npos);
  CHECK(made.body.find(to_string(with.home)) != std::string::npos);
  CHECK(with.ask("GET " + tickets, key).status == 200);
  CHECK(with.ask("GET /api/support/freeze", key).status == 403);
  // Its role is the other limit.
  const auto all = with.key_of(role::requester, {key_scope::write});
  CHECK(with.ask("GET /api/support/freeze", all).status == 200);
  CHECK(with.ask("GET /api/support/alerts", all).status == 403);

  const auto reads = with.key_of(role::admin, {key_scope::read});
  CHECK(with.ask("GET /api/support/api-keys", reads).status == 200);
  const auto refused = with.ask("POST " + tickets, reads, cake);
  CHECK(refused.status == 403);
  CHECK(refused.body.find("\"forbidden\"") != std::string::npos);
  CHECK(with.ask("GET " + tickets, with.key_of(role::admin, {key_scope::tickets_write})).status == 403);
  CHECK(with.ask("GET " + tickets, with.key_of(role::admin, {})).status == 403);
}

TEST_CASE("api keys: an expired, a revoked, a mistyped and an unknown key come to what a bad token comes to") {
  world with;
  const auto expired = with.key_of(role::admin, {key_scope::write}, with.clock.now());
  const auto revoked = with.key_of(role::admin, {key_scope::write});
  CHECK(with.ask("GET " + tickets, revoked).status == 200);
  with.change([id = with.last](const domain::desk_settings& now) { return remove_api_key(now, id); });
  auto mistyped = with.key_of(role::admin, {key_scope::write});
  mistyped.back() = mistyped.back() == '0' ? '1' : '0';
  const auto bad = with.ask("GET " + tickets, "no.real.token");
  CHECK(bad.status == 401);
  for (const auto& key : {expired, revoked, mistyped, net::make_api_key().text, std::string("usk_")}) {
    CAPTURE(key);
    const auto got = with.ask("GET " + tickets, key);
    CHECK(got.status == 401);
    CHECK(got.body == bad.body);
    CHECK(got.header("www-authenticate") == bad.header("www-authenticate"));
  }
}

TEST_CASE("api keys: made over HTTP and shown once; a key makes none, and none above its maker") {
  world with;
  const std::string path = "/api/support/api-keys";
  const std::string body = R"({"name":"M","role":"agent"})";
  const auto made = with.ask("POST " + path, with.token(role::admin), body);
  REQUIRE(made.status == 201);
  const auto at = made.body.find("\"key\":\"") + 7;
  const auto key = made.body.substr(at, 60);
  CHECK(net::read_api_key(key).has_value());
  CHECK(with.ask("GET " + tickets, key).status == 200);
  const auto listed = with.ask("GET " + path, with.token(role::admin));
  CHECK(listed.body.find(key.substr(0, 12)) != std::string::npos);
  CHECK(listed.body.find(key.substr(12)) == std::string::npos);
  CHECK(listed.body.find("\"last_used_at\":\"") != std::string::npos);
  CHECK(with.ask("POST " + path, with.key_of(role::admin, {key_scope::write}), body).status == 403);
  CHECK(with.ask("POST " + path, with.token(role::manager), body).status == 403);
}
