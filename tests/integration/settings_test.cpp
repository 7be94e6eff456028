// Settings: flag > environment (`USHER_…`) > file (`--config`) > default (contract, section 1).
#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

/// `usher serve` with an environment and arguments, which only shows its settings, or fails before it starts.
finished serve(std::vector<std::string> environment, std::vector<std::string> arguments) {
  std::vector<std::string> command{"env"};
  command.insert(command.end(), environment.begin(), environment.end());
  command.insert(command.end(), {USHER_BINARY, "serve"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

/// The line of a setting.
std::string shown(const finished& what, const std::string& name) {
  CAPTURE(what.err);
  CHECK(what.code == 0);
  const auto at = ("\n" + what.out).find("\n" + name + " = ");
  REQUIRE(at != std::string::npos);
  return what.out.substr(at, what.out.find('\n', at) - at);
}

class config_file {
 public:
  explicit config_file(const std::string& text) : path_((dir_.path() / "usher.toml").string()) {
    std::ofstream(path_) << text;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  temp_dir dir_;
  std::string path_;
};

}  // namespace

TEST_CASE("settings: flag > environment > file > default, and --print-config tells which it was") {
  config_file file("rate-limit-caller = 3\nlisten = \"127.0.0.1:3\"\nrequire-if-match = true\nshards = 4\n");
  const std::vector<std::string> environment{"USHER_RATE_LIMIT_CALLER=2", "USHER_LISTEN=127.0.0.1:2"};
  const auto got = serve(environment, {"--config", file.path(), "--listen", "127.0.0.1:1", "--print-config"});
  CHECK(shown(got, "listen") == "listen = \"127.0.0.1:1\"  # flag");
  CHECK(shown(got, "rate-limit-caller") == "rate-limit-caller = \"2\"  # environment");
  CHECK(shown(got, "shards") == "shards = \"4\"  # file");
  CHECK(shown(got, "require-if-match") == "require-if-match = \"true\"  # file");
  CHECK(shown(got, "rate-limit-organization") == "rate-limit-organization = \"1000\"  # default");
  CHECK(shown(got, "log-level") == "log-level = \"info\"  # default");
  CHECK(shown(got, "jwt-key") == "jwt-key = \"./usher-data/jwt.key\"  # default");
  CHECK(shown(got, "io-threads").ends_with("\"  # default"));
  CHECK(shown(got, "io-threads") != "io-threads = \"\"  # default");
  // A switch can be taken back, and an empty variable says nothing.
  const auto other =
      serve({"USHER_REQUIRE_IF_MATCH=false", "USHER_SHARDS="}, {"--config", file.path(), "--print-config"});
  CHECK(shown(other, "require-if-match") == "require-if-match = \"false\"  # environment");
  CHECK(shown(other, "shards") == "shards = \"4\"  # file");
}

TEST_CASE("settings: secrets are masked") {
  const std::string secret = "host=db password=hunter2";
  config_file file("database = \"" + secret + "\"\n");
  for (const auto& got :
       {serve({"USHER_DATABASE=" + secret}, {"--print-config"}), serve({}, {"--database", secret, "--print-config"}),
        serve({}, {"--config", file.path(), "--print-config"})}) {
    CHECK(shown(got, "database").starts_with("database = \"********\"  # "));
    CHECK((got.out + got.err).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("settings: unknown keys are refused with the nearest right name") {
  config_file file("rate_limit_callers = 3\n");
  auto got = serve({}, {"--config", file.path(), "--print-config"});
  CHECK(got.code == 2);
  CHECK(got.err.find("'rate_limit_callers'; did you mean 'rate-limit-caller'?") != std::string::npos);
  got = serve({}, {"--log-levle", "debug"});
  CHECK(got.code != 0);
  CHECK(got.err.find("did you mean --log-level?") != std::string::npos);
  config_file broken("listen = \n");
  got = serve({}, {"--config", broken.path()});
  CHECK(got.code == 2);
  CHECK(got.err.find(broken.path()) != std::string::npos);
  CHECK(serve({}, {"--config", "/nonexistent/usher.toml"}).code == 2);
}

TEST_CASE("settings: a wrong value is named, with what would be right") {
  const auto refusal = [](const std::string& name, const std::string& value) {
    const auto got = serve({}, {"--" + name, value, "--print-config"});
    CAPTURE(name, value, got.err);
    CHECK(got.code == 2);
    CHECK(got.err.find("'" + name + "': '" + value + "' is not ") != std::string::npos);
  };
  refusal("listen", "8080");
  refusal("listen", "127.0.0.1:65536");
  refusal("io-threads", "0");
  refusal("io-threads", "two");
  refusal("shards", "12");
  refusal("rate-limit-caller", "-1");
  refusal("rate-limit-caller", "1000001");
  refusal("connections", "0");
  refusal("log-level", "loud");
  CHECK(serve({"USHER_REQUIRE_IF_MATCH=maybe"}, {"--print-config"}).code == 2);
}

TEST_CASE("settings: a variable of the environment that is no setting is told to the log, without its value") {
  desk d;
  REQUIRE(d.server.stop() == 0);
  temp_dir out;
  child_process child({"env", "USHER_LISTNE=hunter2", USHER_BINARY, "serve", "--listen", "127.0.0.1:0", "--data",
                       d.server.data().string()},
                      out.path() / "out", out.path() / "err");
  CHECK(wait_until([&] { return read_file(out.path() / "out").find("listening on ") != std::string::npos; }, 60s));
  child.signal(SIGTERM);
  CHECK(child.wait(10s) == 0);
  const auto log = read_file(out.path() / "err");
  CHECK(log.find(R"("variable":"USHER_LISTNE","did_you_mean":"USHER_LISTEN")") != std::string::npos);
  CHECK(log.find("hunter2") == std::string::npos);
}

TEST_CASE("settings: logs are one JSON object a line on stderr, with the caller's request_id and traceparent") {
  desk d(std::vector<std::string>{"--log-level", "debug"});
  auto agent = d.as("agent");
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto got = agent.get(tickets_path, {{"X-Request-Id", "order 66"}, {"traceparent", trace}});
  CHECK(got.status == 200);
  CHECK(got.header("x-request-id") == "order 66");
  REQUIRE(d.server.stop() == 0);
  std::istringstream log(d.server.log());
  int found = 0;
  for (std::string line; std::getline(log, line);) {
    const json entry(line);
    CHECK(entry.has("/at"));
    CHECK(entry.has("/level"));
    if (!entry.has("/request_id") || entry.text("/request_id") != "order 66") continue;
    ++found;
    CHECK(entry.text("/traceparent") == trace);
    CHECK(entry.text("/path") == tickets_path);
    CHECK(entry.number("/status") == 200);
  }
  CHECK(found == 1);
}
