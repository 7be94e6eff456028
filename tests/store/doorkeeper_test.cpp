// Whoever lets staff in, on a real PostgreSQL and virtual time.
#include <atomic>
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"
#include "store/doorkeeper.hpp"

using namespace usher;
using namespace usher::test;
using namespace std::chrono_literals;
using domain::login_answer;
using verdict = login_answer::verdict;

namespace {

const std::string right = "correct horse battery staple";
const std::string count_refused = "SELECT count(*) FROM usher.audit_log WHERE action = 'session.refused'";

class moved_clock final : public domain::clock_port {
 public:
  [[nodiscard]] instant now() const override { return noon(moved_.load()); }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(1000h + std::chrono::milliseconds(moved_.load()));
  }
  void move(std::chrono::milliseconds by) { moved_ += by.count(); }

 private:
  std::atomic<std::int64_t> moved_{0};
};

struct world {
  scratch_server pg;
  moved_clock clock;
  std::unique_ptr<store::doorkeeper> door;

  world() {
    for (const char* id : {"ina", "bert"})
      pg.ask(std::string("INSERT INTO usher.support_agents (id, name, role) VALUES ('") + id + "', 'x', 'agent')");
    REQUIRE(store::set_password(pg.as("usher_doorkeeper"), "ina", right, clock.now()));
    open();
  }
  void open() {
    store::doorkeeper_settings settings{pg.as("usher_doorkeeper")};
    settings.sessions_of_agent_max = 3;
    settings.look_every = 100ms;
    door = std::make_unique<store::doorkeeper>(settings, clock);
    door->start();
  }
  domain::result<login_answer> log_in(const std::string& user, const std::string& password, std::uint64_t from = 1,
                                      std::optional<domain::organization_id> organization = {}) {
    return answer_of<login_answer>([&](auto done) {
      door->log_in({user, password, from, organization}, std::move(done));
    });
  }
  void limit(const std::string& user, const std::vector<domain::organization_id>& to) {
    std::string list;
    for (const auto& each : to) list += (list.empty() ? "" : ",") + to_string(each);
    pg.ask("UPDATE usher.support_agents SET organizations = '{" + list + "}' WHERE id = '" + user + "'");
  }
  /// The actions of the trail about somebody, in order.
  std::string trail(const std::string& actor) {
    return pg
        .ask("SELECT coalesce(string_agg(action, ' ' ORDER BY id), '') FROM usher.audit_log WHERE actor_sub = '" +
             actor + "' AND organization_id = '00000000-0000-0000-0000-000000000000'")
        .text(0, 0);
  }
  std::string token() {
    auto got = log_in("ina", right).value();
    REQUIRE(got.what == verdict::welcome);
    return got.token;
  }
  bool is_in(const std::string& token) {
    return door->find(token, clock.now(), domain::session_use::request).has_value();
  }
};

}  // namespace

TEST_CASE("store: a session ends when it is idle, at its end, by a logout, and not by a restart", "[store][login]") {
  world w;
  const auto idle = w.token();
  const auto busy = w.token();
  CHECK(w.is_in(idle));
  CHECK_FALSE(w.is_in(std::string(64, 'a')));
  CHECK_FALSE(w.is_in(""));
  CHECK(w.door->find(busy, w.clock.now(), domain::session_use::request)->user == "ina");
  CHECK(w.door->find(busy, w.clock.now(), domain::session_use::request)->csrf_token !=
        w.door->find(idle, w.clock.now(), domain::session_use::request)->csrf_token);

  w.clock.move(119min);
  CHECK(w.is_in(busy));
  // When it was seen is written, and read at the next start.
  CHECK(eventually(
      [&] { return w.pg.number("SELECT count(*) FROM usher.staff_sessions WHERE seen_at > created_at") == 1; }));
  w.clock.move(1min);
  CHECK_FALSE(w.is_in(idle));
  w.open();
  CHECK(w.is_in(busy));
  CHECK_FALSE(w.is_in(idle));
  for (int i = 0; i < 9; ++i) {
    w.clock.move(1h);
    CHECK(w.is_in(busy));
  }
  w.clock.move(1h);
  CHECK_FALSE(w.is_in(busy));  // twelve hours
  CHECK(eventually([&] { return w.pg.number("SELECT count(*) FROM usher.staff_sessions") == 0; }));

  const auto last = w.token();
  REQUIRE(answer_of<std::monostate>([&](auto done) { w.door->log_out(last, std::move(done)); }).has_value());
  CHECK_FALSE(w.is_in(last));
  CHECK(w.pg.number("SELECT count(*) FROM usher.staff_sessions") == 0);
}

TEST_CASE("store: who is no agent, or has no password, is wrong", "[store][login]") {
  world w;
  CHECK(w.log_in("bert", right).value().what == verdict::wrong);
  CHECK(w.log_in("nobody", right).value().what == verdict::wrong);
  CHECK(w.log_in("ina", right + " ").value().what == verdict::wrong);
  CHECK_FALSE(store::set_password(w.pg.as("usher_doorkeeper"), "nobody", right, w.clock.now()));
  CHECK(w.log_in("ina", right).value().what == verdict::welcome);
  w.pg.ask("DELETE FROM usher.support_agents WHERE id = 'ina'");
  CHECK(w.log_in("ina", right).value().what == verdict::wrong);
}

TEST_CASE("store: wrong passwords make an account wait, also with the right one", "[store][login]") {
  world w;
  for (std::uint64_t i = 0; i < 5; ++i) CHECK(w.log_in("ina", "wrong password", 10 + i).value().what == verdict::wrong);
  const auto waits = w.log_in("ina", right, 99).value();
  CHECK(waits.what == verdict::wait);
  CHECK(waits.wait == 1s);
  w.clock.move(1s);
  CHECK(w.log_in("ina", right, 99).value().what == verdict::welcome);
  CHECK(w.log_in("ina", right, 99).value().what == verdict::welcome);
}

TEST_CASE("store: an agent has so many sessions, and a new password ends them all", "[store][login]") {
  world w;
  std::vector<std::string> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(w.token());
    w.clock.move(1s);
  }
  CHECK_FALSE(w.is_in(all[0]));
  for (const auto i : {1U, 2U, 3U}) CHECK(w.is_in(all[i]));
  REQUIRE(store::set_password(w.pg.as("usher_doorkeeper"), "ina", right + "!", w.clock.now()));
  CHECK(eventually([&] { return !w.is_in(all[1]) && !w.is_in(all[3]); }));
  CHECK(w.log_in("ina", right).value().what == verdict::wrong);
  CHECK(w.log_in("ina", right + "!").value().what == verdict::welcome);
  // Neither the password nor a token is there to be read.
  const auto kept = w.pg.ask("SELECT string_agg(hash, ' ') FROM usher.staff_passwords").text(0, 0);
  CHECK(kept.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(kept.find(right) == std::string::npos);
}

TEST_CASE("store: a session is narrowed to an organization of its agent's, over a restart too", "[store][login]") {
  world w;
  const auto venue = domain::organization_id::generate();
  const auto studio = domain::organization_id::generate();
  const auto seen = [&](const std::string& token) {
    return w.door->find(token, w.clock.now(), domain::session_use::request).value().organization;
  };
  const auto whole = w.token();
  CHECK_FALSE(seen(whole));
  CHECK(w.log_in("ina", right, 1, venue).value().session.organization == venue);

  w.limit("ina", {venue});
  const auto one = w.token();
  CHECK(seen(one) == venue);
  CHECK(w.log_in("ina", right, 1, studio).value().what == verdict::choose);

  w.limit("ina", {venue, studio});
  const auto asked = w.log_in("ina", right).value();
  CHECK(asked.what == verdict::choose);
  CHECK(asked.token.empty());
  CHECK(asked.organizations == std::vector{venue, studio});
  CHECK(w.log_in("ina", "wrong password").value().organizations.empty());
  // An agent has three sessions here, and the newest stay.
  w.clock.move(1s);
  const auto two = w.log_in("ina", right, 1, studio).value();
  CHECK(two.what == verdict::welcome);
  w.open();
  CHECK(seen(two.token) == studio);
}

TEST_CASE("store: a stream that goes on keeps no session awake", "[store][login]") {
  world w;
  const auto token = w.token();
  w.clock.move(119min);
  CHECK(w.door->find(token, w.clock.now(), domain::session_use::stream));
  w.clock.move(1min);
  CHECK_FALSE(w.door->find(token, w.clock.now(), domain::session_use::stream));
}

TEST_CASE("store: whether there is an account shows in nothing that its refusal waits for", "[store][login]") {
  world w;
  auto held = store::connection::open({w.pg.server().conninfo("postgres"), ""}, soon());
  REQUIRE(held.has_value());
  REQUIRE(held->query("BEGIN", {}, soon()).has_value());
  REQUIRE(held->query("LOCK TABLE usher.audit_log IN EXCLUSIVE MODE", {}, soon()).has_value());
  CHECK(w.log_in("ina", "wrong password").value().what == verdict::wrong);
  REQUIRE(held->query("COMMIT", {}, soon()).has_value());
  CHECK(eventually([&] { return w.pg.number(count_refused) == 1; }, 30s));
}

TEST_CASE("store: the desk's trail tells who came, failed and went, and no more than that", "[store][login]") {
  world w;
  (void)w.log_in("ina", "wrong password");
  (void)w.log_in("nobody", "wrong password");
  (void)w.log_in("bert", "wrong password");  // has none
  const auto token = w.token();
  REQUIRE(answer_of<std::monostate>([&](auto done) { w.door->log_out(token, std::move(done)); }).has_value());
  REQUIRE(answer_of<std::monostate>([&](auto done) { w.door->log_out(token, std::move(done)); }).has_value());
  CHECK(w.trail("ina") == "session.refused session.started session.ended");
  CHECK(w.trail("nobody").empty());
  CHECK(w.trail("bert").empty());
  CHECK(w.trail("system") == "password.changed");
  const auto names = w.pg.ask(
      "SELECT count(DISTINCT details ->> 'session') FROM usher.audit_log WHERE action IN ('session.started', "
      "'session.ended')");
  CHECK(names.int8(0, 0) == 1);

  // What is not looked at is counted, and not written.
  for (std::uint64_t i = 0; i < 5; ++i) (void)w.log_in("ina", "wrong password", 10 + i);
  for (std::uint64_t i = 0; i < 50; ++i)
    CHECK(w.log_in("ina", "wrong password", 100 + i).value().what == verdict::wait);
  CHECK(eventually([&] { return w.pg.number(count_refused) == 6; }, 30s));
  w.clock.move(1s);
  (void)w.token();
  CHECK(w.pg.number("SELECT max((details ->> 'turned_away')::int8) FROM usher.audit_log WHERE action = "
                    "'session.started'") == 50);
  REQUIRE(store::set_password(w.pg.as("usher_doorkeeper"), "ina", right + "!", w.clock.now()));
  CHECK(w.pg.number("SELECT max((details ->> 'sessions_ended')::int8) FROM usher.audit_log WHERE action = "
                    "'password.changed' AND details ->> 'agent_id' = 'ina'") == 1);
  const auto all = w.pg.ask("SELECT string_agg(a::text, ' ') FROM usher.audit_log a").text(0, 0);
  for (const auto& secret : {token, right, std::string("wrong password")}) CHECK(all.find(secret) == std::string::npos);
}

TEST_CASE("store: the doorkeeper adds entries of its own to the desk's trail, and no others", "[store][login]") {
  world w;
  auto opened =
      store::connection::open({w.pg.server().conninfo("usher_doorkeeper"), " -c usher.doorkeeper=on"}, soon());
  REQUIRE(opened.has_value());
  const auto add = [&](const std::string& organization, const std::string& action, const std::string& more = "") {
    return opened
        ->query("INSERT INTO usher.audit_log (id, organization_id, at, actor_sub, actor_role, action, details" +
                    std::string(more.empty() ? "" : ", " + more) + ") VALUES (gen_random_uuid(), '" + organization +
                    "', now(), 'ina', 'agent', '" + action + "', '{}'" + (more.empty() ? "" : ", 1") + ")",
                {}, soon())
        .has_value();
  };
  const std::string desk = "00000000-0000-0000-0000-000000000000";
  CHECK(add(desk, "session.started"));
  CHECK_FALSE(add(desk, "policy.changed"));
  CHECK_FALSE(add(to_string(domain::organization_id::generate()), "session.started"));
  CHECK_FALSE(add(desk, "session.started", "xid"));
  for (const char* sql :
       {"SELECT 1 FROM usher.audit_log", "UPDATE usher.audit_log SET action = 'x'", "DELETE FROM usher.audit_log"})
    CHECK_FALSE(opened->query(sql, {}, soon()).has_value());
}

TEST_CASE("store: a flood of logins is turned away, and each is answered", "[store][login]") {
  world w;
  constexpr int many = 200;
  std::atomic<int> turned_away{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < many; ++i)
    w.door->log_in({"nobody-" + std::to_string(i), "wrong password", static_cast<std::uint64_t>(i)},
                   domain::completion<login_answer>([&](domain::result<login_answer> got) {
                     if (!got && got.error().code == domain::errc::overloaded) ++turned_away;
                     ++answered;
                   }));
  CHECK(turned_away > 0);
  // Seventeen passwords at most are checked, each in its time.
  CHECK(eventually([&] { return answered == many; }, 100s));
}

TEST_CASE("store: nobody but the doorkeeper, when it says so, sees passwords and sessions", "[store][login]") {
  world w;
  (void)w.token();
  for (const char* role : {"usher_writer", "usher_reader", "usher_staff", "usher_courier", "usher_sealer",
                           "usher_eraser", "usher_doorkeeper"})
    for (const char* table : {"staff_passwords", "staff_sessions"}) {
      CAPTURE(role, table);
      auto opened = store::connection::open({w.pg.server().conninfo(role), {}}, soon());
      REQUIRE(opened.has_value());
      CHECK_FALSE(opened->query(std::string("SELECT 1 FROM usher.") + table, {}, soon()).has_value());
    }
  CHECK(
      w.pg.number("SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = 'usher' AND grantee "
                  "= 'usher_doorkeeper' AND table_name NOT IN ('staff_passwords', 'staff_sessions') AND NOT "
                  "(table_name = 'support_agents' AND privilege_type = 'SELECT')") == 0);
}
