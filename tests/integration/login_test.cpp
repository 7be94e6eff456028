// Staff at the console: a password, a session, and what a browser's cookie may do.
#include <thread>

#include "tests/integration/http_checks.hpp"
#include "tests/support/event_reader.hpp"

using namespace usher::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view session_path = "/api/support/session";
const std::string right = "correct horse battery staple";

finished set_password(desk& d, const std::string& user, const std::string& password) {
  return run({"sh", "-c", "printf '%s\\n' \"$1\" | \"$2\" password \"$3\" --data \"$4\"", "sh", password, USHER_BINARY,
              user, d.server.data().string()});
}

/// A browser without a page: it keeps its cookie, and its CSRF token.
struct browser {
  explicit browser(desk& d) : client(d.server.where()) {}

  http_response ask(std::string_view method, std::string_view target, std::string_view body = "",
                    header_list headers = {}, bool with_token = true) {
    if (!cookie.empty()) headers.emplace_back("Cookie", "other=1; " + cookie);
    if (with_token && !csrf.empty()) headers.emplace_back("X-CSRF-Token", csrf);
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    auto out = client.send(method, target, headers, body);
    if (!out) throw std::runtime_error(out.error());
    return std::move(*out);
  }
  http_response log_in(const std::string& user, const std::string& password, const std::string& organization = "") {
    const auto more = organization.empty() ? "" : R"(,"organization_id":")" + organization + "\"";
    auto out = ask("POST", session_path, R"({"user":")" + user + R"(","password":")" + password + "\"" + more + "}");
    if (out.status != 200) return out;
    const auto line = out.header("set-cookie").value_or("");
    CHECK(line.find("; HttpOnly; SameSite=Strict") != std::string::npos);
    cookie = line.substr(0, line.find(';'));
    csrf = json(out.body).text("/csrf_token");
    return out;
  }
  int status(std::string_view method, std::string_view target) { return ask(method, target).status; }

  http_client client;
  std::string cookie;
  std::string csrf;
};

desk& with_agent(desk& d, const std::string& user, const std::string& role = "agent",
                 const std::string& organizations = "") {
  auto boss = d.as("admin");
  must(boss.post("/api/support/agents", R"({"id":")" + user + R"(","name":"Ina","role":")" + role +
                                            R"(","organizations":[)" + organizations + "]}"),
       201);
  REQUIRE(set_password(d, user, right).code == 0);
  return d;
}

template <class Met>
bool within(std::chrono::seconds at_most, Met met) {
  for (const auto until = std::chrono::steady_clock::now() + at_most; !met(); std::this_thread::sleep_for(50ms))
    if (std::chrono::steady_clock::now() > until) return false;
  return true;
}

}  // namespace

TEST_CASE("login: a session does what its agent may, by cookie and CSRF token, until it is ended") {
  desk d;
  with_agent(d, "ina");
  auto customer = d.customer();
  const auto id = create(customer, "Cake").text("/id");
  browser b(d);
  CHECK(b.status("GET", session_path) == 401);
  const json made = must(b.log_in("ina", right), 200);
  CHECK(made.text("/user") == "ina");
  CHECK(made.text("/role") == "agent");
  CHECK(must(b.ask("GET", session_path), 200).text("/csrf_token") == b.csrf);

  CHECK(must(b.ask("GET", path_of(id)), 200).text("/subject") == "Cake");
  const auto assign = R"({"agent_id":"ina"})";
  CHECK(problem(b.ask("PUT", path_of(id, "/assign"), assign, {}, false)) == 403);
  CHECK(problem(b.ask("PUT", path_of(id, "/assign"), assign, {{"X-CSRF-Token", b.csrf + "0"}}, false)) == 403);
  CHECK(problem(b.ask("PUT", path_of(id, "/assign"), assign, {{"Origin", "https://evil.example"}})) == 403);
  CHECK(problem(b.ask("PUT", path_of(id, "/assign"), assign, {{"Sec-Fetch-Site", "cross-site"}})) == 403);
  CHECK(must(customer.get(path_of(id)), 200).is_null("/assignee_id"));
  CHECK(must(b.ask("PUT", path_of(id, "/assign"), assign, {{"Sec-Fetch-Site", "same-origin"}}), 200)
            .text("/assignee_id") == "ina");
  // An agent's role, and no more.
  CHECK(problem(b.ask("GET", "/api/support/privacy/erasures")) == 403);
  // A token beside the cookie decides, also when it is none.
  CHECK(problem(b.ask("GET", session_path, "", {{"Authorization", "Bearer no.real.token"}})) == 401);

  // The role is the agent's of now.
  auto boss = d.as("admin");
  auto changed = boss.put("/api/support/agents/ina", R"({"name":"Ina","role":"supervisor"})");
  REQUIRE(changed.status == 200);
  CHECK(must(b.ask("GET", session_path), 200).text("/role") == "supervisor");

  // It survives a restart, and nobody finds its token in the database or the log.
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  CHECK(must(b.ask("GET", session_path), 200).text("/user") == "ina");
  const auto token = b.cookie.substr(b.cookie.find('=') + 1);
  CHECK(d.database()->rows("select 1 from usher.staff_sessions s where s::text like '%" + token + "%'").empty());
  const auto log = d.server.log();
  for (const auto& secret : {token, b.csrf, right}) CHECK(log.find(secret) == std::string::npos);

  CHECK(b.ask("DELETE", session_path, "", {}, false).status == 403);
  const auto out = b.ask("DELETE", session_path);
  CHECK(out.status == 204);
  CHECK(out.header("set-cookie").value_or("").find("Max-Age=0") != std::string::npos);
  CHECK(problem(b.ask("GET", session_path)) == 401);
  CHECK(d.database()->rows("select 1 from usher.staff_sessions").empty());
}

TEST_CASE("login: a changed password ends the agent's sessions, and no other ones") {
  desk d;
  with_agent(d, "ina");
  with_agent(d, "bert", "manager");
  browser ina(d);
  browser bert(d);
  must(ina.log_in("ina", right), 200);
  CHECK(must(bert.log_in("bert", right), 200).text("/role") == "manager");
  const std::string next = "another long password";
  const auto done = set_password(d, "ina", next);
  CHECK(done.code == 0);
  CHECK((done.out + done.err).find(next) == std::string::npos);
  CHECK(within(60s, [&] { return ina.status("GET", session_path) == 401; }));
  CHECK(bert.status("GET", session_path) == 200);
  browser again(d);
  CHECK(problem(again.log_in("ina", right)) == 401);
  CHECK(again.log_in("ina", next).status == 200);

  for (const auto& wrong : {std::string("eleven char"), std::string(129, 'x'), std::string("\xff\xfe not of UTF-8")})
    CHECK(set_password(d, "ina", wrong).code == 2);
  CHECK(set_password(d, "nobody", right).code == 1);
  CHECK(set_password(d, "ina", std::string(128, 'x')).code == 0);
}

TEST_CASE("login: an agent of some organizations sees the one that the session is for, and no other") {
  desk d;
  auto ours = d.customer(org_a);
  auto theirs = d.customer(org_b);
  const auto our_ticket = create(ours, "Ours").text("/id");
  const auto their_ticket = create(theirs, "Theirs").text("/id");
  with_agent(d, "ina", "manager", '"' + org_a + '"');
  with_agent(d, "tove", "agent", '"' + org_a + "\",\"" + org_b + '"');
  browser one(d);
  CHECK(must(one.log_in("ina", right), 200).text("/organization_id") == org_a);
  CHECK(must(one.ask("GET", session_path), 200).text("/organization_id") == org_a);
  CHECK(one.status("GET", path_of(our_ticket)) == 200);
  CHECK(problem(one.ask("GET", path_of(their_ticket))) == 404);
  CHECK(must(one.ask("GET", tickets_path), 200).items("/data").size() == 1);
  // What holds for the whole desk is not for a session of one organization.
  CHECK(problem(one.ask("POST", "/api/support/categories", R"({"code":"mine","default_priority":"low"})")) == 403);

  // Nor is it for its agent to widen what the agent is limited to, or a role.
  CHECK(problem(one.ask("PUT", "/api/support/agents/ina", R"({"organizations":[]})")) == 403);
  CHECK(problem(one.ask("PUT", "/api/support/agents/ina", R"({"role":"executive"})")) == 403);
  CHECK(
      must(one.ask("PUT", "/api/support/agents/ina", R"({"languages":["en"]})"), 200).items("/organizations").size() ==
      1);
  auto lead = d.as("supervisor", "lead", "");
  must(lead.post("/api/support/agents", R"({"id":"lead","name":"Lead","role":"supervisor"})"), 201);
  CHECK(problem(lead.put("/api/support/agents/lead", R"({"role":"executive"})")) == 403);

  browser two(d);
  const auto asked = two.log_in("tove", right);
  CHECK(problem(asked) == 422);
  CHECK(json(asked.body).items("/organizations").size() == 2);
  CHECK(two.cookie.empty());
  CHECK(problem(two.log_in("tove", right, "0197a000-0000-7000-8000-0000000000ee")) == 422);
  CHECK(problem(two.log_in("tove", "not the password", org_b)) == 401);
  must(two.log_in("tove", right, org_b), 200);
  CHECK(two.status("GET", path_of(their_ticket)) == 200);
  CHECK(two.status("GET", path_of(our_ticket)) == 404);
  REQUIRE(d.server.stop() == 0);
  d.server.start();
  CHECK(two.status("GET", path_of(our_ticket)) == 404);

  // Limited anew: the session of the other organization is over at once.
  auto boss = d.as("admin");
  must(boss.put("/api/support/agents/tove", R"({"organizations":[")" + org_a + "\"]}"), 200);
  CHECK(problem(two.ask("GET", path_of(their_ticket))) == 401);
  CHECK(one.status("GET", path_of(our_ticket)) == 200);
}

TEST_CASE("login: a session's stream of events ends with it, and the trail tells who came and went") {
  desk d;
  with_agent(d, "ina");
  browser b(d);
  must(b.log_in("ina", right), 200);
  event_reader signed_out(d.server.where(), header_list{{"Cookie", b.cookie}});
  CHECK(b.ask("DELETE", session_path).status == 204);
  auto last = signed_out.next(60s);
  REQUIRE(last);
  CHECK(last->type == "end");
  CHECK_FALSE(signed_out.next(60s));
  CHECK(signed_out.ended());

  browser again(d);
  must(again.log_in("ina", right), 200);
  event_reader forgotten(d.server.where(), header_list{{"Cookie", again.cookie}});
  REQUIRE(set_password(d, "ina", right + "!").code == 0);
  last = forgotten.next(60s);
  REQUIRE(last);
  CHECK(last->type == "end");

  auto boss = d.as("admin");
  const auto trail = must(boss.get("/api/support/audit?actor=ina"), 200);
  std::string actions;
  for (const auto& each : trail.items("/data")) actions += each.text("/action") + " ";
  CHECK(actions == "session.started session.ended session.started ");
  CHECK(must(boss.get("/api/support/audit?action=password.changed&limit=1"), 200).text("/data/0/details/agent_id") ==
        "ina");
  CHECK(problem(d.as("manager").get("/api/support/audit")) == 403);
  // The desk's own entries are not an organization's.
  CHECK(must(d.as("admin", "theirs", org_b).get("/api/support/audit?action=session.started"), 200)
            .items("/data")
            .empty());
  const auto audit = run({USHER_BINARY, "doctor", "--audit", "--data", d.server.data().string()});
  CHECK(audit.out.find("ok audit trail: ") != std::string::npos);
}

TEST_CASE("login: wrong passwords and unknown accounts look alike, and wait longer and longer") {
  desk d;
  with_agent(d, "ina");
  const auto refusal = [&](const std::string& user) {
    browser b(d);
    auto out = b.ask("POST", session_path, R"({"user":")" + user + R"(","password":"not the password"})",
                     {{"X-Request-Id", "same"}});
    CHECK(problem(out) == 401);
    std::erase_if(out.headers, [](const auto& each) { return each.first == "date"; });
    return std::pair(out.headers, out.body);
  };
  CHECK(refusal("ina") == refusal("nobody"));
  for (int i = 0; i < 3; ++i) (void)refusal("ina");
  // The fifth one from this address: also the right password waits. A slow machine takes a few more.
  browser b(d);
  bool waits = false;
  for (int i = 0; i < 12 && !waits; ++i) {
    const auto out = b.log_in("nobody", right);
    REQUIRE((out.status == 401 || out.status == 429));
    waits = out.status == 429;
    if (!waits) continue;
    CHECK(problem(out) == 429);
    const auto seconds = out.header("retry-after").value_or("0");
    CHECK(std::stoi(seconds) >= 1);
  }
  CHECK(waits);
  CHECK(within(120s, [&] { return b.log_in("ina", right).status == 200; }));
}
