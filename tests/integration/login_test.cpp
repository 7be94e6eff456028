// Staff at the console: a password, a session, and what a browser's cookie may do.
#include <thread>

#include "tests/integration/http_checks.hpp"

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
  http_response log_in(const std::string& user, const std::string& password) {
    auto out = ask("POST", session_path, R"({"user":")" + user + R"(","password":")" + password + "\"}");
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

desk& with_agent(desk& d, const std::string& user, const std::string& role = "agent") {
  auto boss = d.as("admin");
  must(boss.post("/api/support/agents", R"({"id":")" + user + R"(","name":"Ina","role":")" + role + "\"}"), 201);
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
