// The program as people use it.
#include <atomic>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/loadtest/fake_desk.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/json.hpp"
#include "tests/support/temp_dir.hpp"

using namespace usher::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A short run with tokens of a key of its own.
struct bench {
  temp_dir dir;
  std::string key = (dir.path() / "jwt.key").string();
  std::string summary = (dir.path() / "summary.json").string();
  std::string scenario = (dir.path() / "short.toml").string();

  bench() {
    std::ofstream(key) << "0123456789abcdef0123456789abcdef\n";
    std::ofstream(scenario) << R"(
thresholds = ["lost == 0", "errors < 1%"]
[cast]
organizations = 4
customers = 20
agents = 4
supervisors = 1
[[stages]]
name = "all"
duration = "2s"
rate = 50
[[journeys]]
name = "customer"
steps = [{ do = "create" }, { do = "read", think = "20ms" }, { do = "message", think = "20ms" }]
[[journeys]]
name = "agent"
who = "agent"
weight = 0.3
steps = [{ do = "read" }, { do = "reply" }]
)";
  }
  finished play(const std::string& url, std::vector<std::string> more = {}) const {
    std::vector<std::string> command{USHER_LOAD_BINARY, "run", scenario,    "--target", url,
                                     "--jwt-key",       key,   "--summary", summary};
    command.insert(command.end(), more.begin(), more.end());
    return run(std::move(command));
  }
  [[nodiscard]] json told() const { return json(read_file(summary)); }
};

}  // namespace

TEST_CASE("command: a run that holds its thresholds exits with 0, and its summary adds up") {
  fake_desk desk;
  measured_server server([&](const measured_request& r, std::uint64_t) { return desk(r); });
  bench b;
  auto done = b.play(server.url());
  CAPTURE(done.out, done.err);
  REQUIRE(done.code == 0);
  auto told = b.told();
  CHECK(told.truth("/passed"));
  CHECK(told.number("/kept/lost") == 0);
  CHECK(told.number("/kept/tickets") > 40);
  std::int64_t steps = 0;
  for (const auto& step : told.items("/steps")) steps += step.number("/requests");
  CHECK(steps == told.number("/all/requests"));
  double in_series = 0;
  for (const auto& point : told.items("/series")) in_series += point.real("/requests") * point.real("/seconds");
  CHECK(std::abs(in_series - static_cast<double>(steps)) < 2);
  // Without a TTY there are plain lines.
  CHECK(done.out.find('\x1b') == std::string::npos);
  CHECK_THAT(done.out, ContainsSubstring("✓ lost == 0"));
}

TEST_CASE("command: what was acknowledged and is gone is found out, and exits with 99") {
  fake_desk desk(10);
  measured_server server([&](const measured_request& r, std::uint64_t) { return desk(r); });
  bench b;
  auto done = b.play(server.url(), {"--threshold", "errors < 50%"});
  CAPTURE(done.out, done.err);
  CHECK(done.code == 99);
  auto told = b.told();
  // A thread of a forgotten ticket is asked for all the same: the fake keeps threads apart from tickets.
  CHECK(desk.forgotten() > 5);
  CHECK(told.number("/kept/lost") == static_cast<std::int64_t>(desk.forgotten()));
  CHECK(told.items("/kept/first_lost").size() >= 5);
  CHECK_THAT(done.out, ContainsSubstring("✗ lost == 0"));
}

TEST_CASE("command: messages to tickets that were closed meanwhile are no errors, and nobody looks for them") {
  fake_desk desk;
  std::atomic<std::int64_t> taken{0};
  measured_server server([&](const measured_request& r, std::uint64_t n) {
    bool message = r.method == "POST" && r.target.ends_with("/messages");
    if (message && n % 2 == 0) return measured_answer{.status = 409, .body = R"({"code":"ticket_closed"})"};
    taken += message ? 1 : 0;
    return desk(r);
  });
  bench b;
  auto done = b.play(server.url(), {"--threshold", "errors == 0"});
  CAPTURE(done.out, done.err);
  CHECK(done.code == 0);
  auto told = b.told();
  CHECK(told.number("/all/outcomes/unplanned") == 0);
  CHECK(told.number("/kept/messages") == taken);
  CHECK(told.number("/kept/messages") < told.number("/kept/tickets"));
}

TEST_CASE("command: a threshold of the command line counts, and a wrong one is told before the run") {
  fake_desk desk;
  measured_server server([&](const measured_request& r, std::uint64_t) { return desk(r); });
  bench b;
  CHECK(b.play(server.url(), {"--threshold", "http_reqs < 5", "--duration", "500ms"}).code == 99);
  CHECK(b.told().items("/thresholds").size() == 3);
  auto wrong = b.play(server.url(), {"--threshold", "speed < 5"});
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, ContainsSubstring("there is no metric 'speed'"));
}

TEST_CASE("command: the same seed sends the same journeys, scaled ones more of them") {
  fake_desk desk;
  measured_server server([&](const measured_request& r, std::uint64_t) { return desk(r); });
  bench b;
  auto journeys = [&](std::vector<std::string> more) {
    REQUIRE(b.play(server.url(), std::move(more)).code == 0);
    return b.told().number("/journeys") + b.told().number("/skipped");
  };
  auto first = journeys({"--seed", "5"});
  CHECK(journeys({"--seed", "5"}) == first);
  CHECK(journeys({"--seed", "5", "--scale", "3"}) > 2 * first);
}

TEST_CASE("command: a server that dies is reported on, and nothing counts as found") {
  fake_desk desk;
  measured_server server(
      [&](const measured_request& r, std::uint64_t n) { return n > 100 ? measured_answer{.cut = true} : desk(r); });
  bench b;
  auto done = b.play(server.url(), {"--threshold", "errors < 100%"});
  CAPTURE(done.out, done.err);
  CHECK(done.code == 99);
  CHECK_THAT(done.out, ContainsSubstring("can't be looked for") && ContainsSubstring("✗ lost == 0"));
  auto told = b.told();
  CHECK(told.is_null("/kept/lost"));
  CHECK(told.number("/all/outcomes/cut") > 0);
}

TEST_CASE("command: only loopback, unless it is allowed") {
  bench b;
  auto done = b.play("http://192.0.2.1:80");
  CHECK(done.code == 2);
  CHECK_THAT(done.err, ContainsSubstring("--allow-remote"));
}

TEST_CASE("command: list, show and help are complete") {
  auto list = run({USHER_LOAD_BINARY, "list"});
  CHECK(list.code == 0);
  for (const char* name : {"smoke", "wedding-saturday", "peak-season", "soak", "breakpoint"})
    CHECK_THAT(list.out, ContainsSubstring(name));
  CHECK_THAT(run({USHER_LOAD_BINARY, "show", "smoke"}).out, ContainsSubstring("[[stages]]"));
  auto help = run({USHER_LOAD_BINARY, "run", "--help"});
  CHECK(help.code == 0);
  for (const char* flag : {"--target", "--tokens-from", "--jwt-key", "--seed", "--scale", "--duration", "--summary",
                           "--report", "--database", "--threshold", "--allow-remote"})
    CHECK_THAT(help.out, ContainsSubstring(flag));
  CHECK(run({USHER_LOAD_BINARY, "run", "no-such-scenario", "--no-tokens"}).code == 2);
}

TEST_CASE("command: on a TTY there is a live view; NO_COLOR takes its colours, not its shape") {
  fake_desk desk;
  measured_server server([&](const measured_request& r, std::uint64_t) { return desk(r); });
  bench b;
  // script(1) gives the program a terminal.
  auto command = std::string(USHER_LOAD_BINARY) + " run " + b.scenario + " --target " + server.url() + " --jwt-key " +
                 b.key + " --duration 2500ms";
  auto seen = run({"env", "-u", "NO_COLOR", "TERM=xterm", "script", "-qec", command, "/dev/null"});
  CAPTURE(seen.out);
  CHECK(seen.code == 0);
  CHECK_THAT(seen.out, ContainsSubstring("\x1b[36m") && ContainsSubstring("█") && ContainsSubstring("people"));
  auto plain = run({"env", "NO_COLOR=1", "TERM=xterm", "script", "-qec", command, "/dev/null"});
  CHECK(plain.code == 0);
  CHECK(plain.out.find("\x1b[36m") == std::string::npos);
  CHECK_THAT(plain.out, ContainsSubstring("\x1b[J") && ContainsSubstring("█"));
}
