// Keys of machines: the text, the scopes, the end, and what makes and revokes them.
#include "domain/api_key_change.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "domain/freeze.hpp"
#include "net/api_key_text.hpp"

using namespace usher;
using namespace usher::domain;
using namespace std::chrono_literals;

namespace {

api_key a_key(std::optional<organization_id> owner = {}) {
  const auto text = net::make_api_key();
  api_key out;
  out.id = api_key_id::generate();
  out.organization = owner;
  out.name = "Booking system";
  out.prefix = text.prefix;
  out.hash = text.hash;
  out.role = role::agent;
  out.scopes = {key_scope::tickets_read};
  out.created_by = "admin-1";
  return out;
}

}  // namespace

TEST_CASE("api keys: the text is a mark, random digits and their check, and is known again by its hash") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto made = net::make_api_key();
    CHECK(seen.insert(made.text).second);
    CHECK(made.text.size() == 60);
    CHECK(made.text.starts_with("usk_"));
    CHECK(made.prefix == made.text.substr(0, 12));
    CHECK(net::read_api_key(made.text) == made.hash);
  }
}

TEST_CASE("api keys: a text with any digit changed is no key") {
  const auto made = net::make_api_key();
  for (std::size_t i = 0; i < made.text.size(); ++i) {
    auto wrong = made.text;
    wrong[i] = wrong[i] == '0' ? '1' : '0';
    CAPTURE(i);
    CHECK_FALSE(net::read_api_key(wrong).has_value());
  }
  auto upper = made.text;
  std::ranges::transform(upper.begin() + 4, upper.end(), upper.begin() + 4,
                         [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  if (upper != made.text) CHECK_FALSE(net::read_api_key(upper).has_value());
  for (const auto& wrong : {std::string(), std::string("usk_"), made.text + "0", made.text.substr(0, 59),
                            made.text.substr(4), " " + made.text, std::string(60, '\0')})
    CHECK_FALSE(net::read_api_key(wrong).has_value());
}

TEST_CASE("api keys: a scope covers its part of the routes, by method") {
  using enum key_scope;
  const auto may = [](std::vector<key_scope> scopes, bool asks, std::string_view path) {
    return scopes_allow(scopes, asks, path);
  };
  constexpr std::string_view list = "/api/support/tickets";
  constexpr std::string_view one = "/api/support/tickets/{id}/messages";
  constexpr std::string_view agents = "/api/support/agents";
  for (const auto path : {list, one}) {
    CHECK(may({tickets_read}, true, path));
    CHECK_FALSE(may({tickets_read}, false, path));
    CHECK(may({tickets_write}, false, path));
    CHECK_FALSE(may({tickets_write}, true, path));
    CHECK(may({tickets_read, tickets_write}, true, path));
    CHECK(may({tickets_read, tickets_write}, false, path));
    CHECK(may({read}, true, path));
    CHECK_FALSE(may({read}, false, path));
    CHECK(may({write}, true, path));
    CHECK(may({write}, false, path));
    CHECK_FALSE(may({}, true, path));
  }
  for (const auto path : {agents, std::string_view("/api/support/tickets-of-others")}) {
    CHECK_FALSE(may({tickets_read, tickets_write}, true, path));
    CHECK_FALSE(may({tickets_read, tickets_write}, false, path));
    CHECK(may({read}, true, path));
    CHECK_FALSE(may({read, tickets_write}, false, path));
    CHECK(may({write}, false, path));
  }
  for (const auto scope : {tickets_read, tickets_write, read, write}) CHECK(parse_key_scope(to_word(scope)) == scope);
  CHECK_FALSE(parse_key_scope("admin").has_value());
}

TEST_CASE("api keys: a key holds until its end, and its use is noted to the minute") {
  const auto now = parse_rfc3339("2026-06-12T12:00:00Z").value();
  auto key = a_key();
  CHECK(key.holds(now));
  key.expires_at = now;
  CHECK_FALSE(key.holds(now));
  CHECK(key.holds(now - 1ms));

  const auto copy = key;
  CHECK_FALSE(copy.used->last().has_value());
  key.used->note(now);
  key.used->note(now + 59s);
  CHECK(copy.used->last() == now);
  key.used->note(now + 60s);
  CHECK(copy.used->last() == now + 60s);

  const auto who = key.caller();
  CHECK(who.sub == "key:" + to_string(key.id));
  CHECK(who.role == role::agent);
  CHECK(is_api_key(who));
  CHECK_FALSE(is_api_key({"admin-1", role::admin, std::nullopt}));
}

TEST_CASE("api keys: made and revoked as changes of the settings, which a freeze holds back") {
  const auto ours = organization_id::generate();
  const auto key = a_key(ours);
  const auto made = add_api_key(desk_settings::defaults(), key).value();
  CHECK(made.table == settings_table::api_keys);
  CHECK(made.organization == ours);
  CHECK(made.action == "api_key.created");
  CHECK(is_held_back(made));
  CHECK(made.next.api_keys->at(key.hash)->id == key.id);
  CHECK(made.row.find("key_hash") != std::string::npos);

  const auto gone = remove_api_key(made.next, key.id).value();
  CHECK(is_held_back(gone));
  CHECK(gone.row.empty());
  CHECK(gone.key == to_string(key.id));
  CHECK(gone.organization == ours);
  CHECK(gone.next.api_keys->empty());
  CHECK(made.next.api_keys->size() == 1);
  CHECK(remove_api_key(gone.next, key.id).error().code == errc::not_found);
}

TEST_CASE("api keys: a hundred of each owner, and no more") {
  const auto ours = organization_id::generate();
  auto now = desk_settings::defaults();
  for (std::size_t i = 0; i < api_keys_max; ++i) now = add_api_key(now, a_key(ours)).value().next;
  CHECK(add_api_key(now, a_key(ours)).error().code == errc::conflict);
  CHECK(add_api_key(now, a_key(organization_id::generate())).has_value());
  CHECK(add_api_key(now, a_key()).has_value());
}
