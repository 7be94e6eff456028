// What an operator does to the front door while the desk runs: keys replaced, a proxy before it.
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// As a tool that renews keys does it: whole, at once.
void put_file(const fs::path& path, const std::string& text) {
  const auto fresh = path.string() + ".new";
  std::ofstream(fresh) << text;
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(fresh, path);
}

std::string token_now(const desk& d) {
  const auto made = run({USHER_BINARY, "token", "--role", "admin", "--data", d.server.data().string()});
  REQUIRE(made.code == 0);
  return made.out.substr(0, made.out.find_last_not_of(" \r\n") + 1);
}

int status_of(const desk& d, const std::string& token, const header_list& more = {}) {
  return person(d.server.where(), token).get("/api/support/organizations", more).status;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
  return out;
}

}  // namespace

TEST_CASE("front door: keys are replaced without a restart") {
  desk d;
  const auto key_file = d.server.data() / "jwt.key";
  const auto old_key = read_file(key_file);
  const auto old_token = token_now(d);
  CHECK(status_of(d, old_token) == 200);

  put_file(key_file, "fedcba9876543210fedcba9876543210fedcba98\n");
  d.server.signal(SIGHUP);
  CHECK(wait_until([&] { return status_of(d, old_token) == 401; }, 30s));
  const auto new_token = token_now(d);
  CHECK(status_of(d, new_token) == 200);

  // A broken file leaves the keys that hold, and says so without telling them.
  put_file(key_file, "too short\n");
  d.server.signal(SIGHUP);
  CHECK(wait_until([&] { return d.server.log().contains("could not be read again"); }, 30s));
  CHECK(status_of(d, new_token) == 200);
  CHECK(status_of(d, old_token) == 401);
  CHECK_FALSE(d.server.log().contains("too short"));

  // Without a signal, too.
  put_file(key_file, old_key);
  CHECK(wait_until([&] { return status_of(d, old_token) == 200; }, 30s));
  CHECK(status_of(d, new_token) == 401);
  CHECK_FALSE(d.server.log().contains("fedcba98"));
  CHECK(d.server.stop() == 0);
}

TEST_CASE("front door: whose word about a client's address is taken") {
  for (const bool trusted : {true, false}) {
    CAPTURE(trusted);
    desk d(trusted ? std::vector<std::string>{"--log-level", "debug", "--trusted-proxies", "127.0.0.0/8, 10.0.0.0/8"}
                   : std::vector<std::string>{"--log-level", "debug", "--trusted-proxies", "10.0.0.0/8"});
    const auto token = token_now(d);
    CHECK(status_of(d, token, {{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.0.0.4"}}) == 200);
    const std::string told = R"("remote":"203.0.113.9")";
    const std::string peer = R"("path":"/api/support/organizations","status":200)";
    REQUIRE(wait_until([&] { return d.server.log().contains(peer); }, 30s));
    CHECK(count(d.server.log(), told) == (trusted ? 1 : 0));
    CHECK_FALSE(d.server.log().contains(R"("remote":"198.51.100.1")"));
  }
}

TEST_CASE("front door: settings that can't be meant are refused at the start") {
  const auto refused = [](std::vector<std::string> arguments) {
    std::vector<std::string> command{USHER_BINARY, "serve", "--print-config"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto done = run(std::move(command));
    return done.code == 2 ? done.err : std::string();
  };
  CHECK(refused({"--tls-cert", "/etc/hostname"}).contains("tls-key"));
  CHECK(refused({"--tls-key", "/etc/hostname"}).contains("tls-cert"));
  CHECK(refused({"--trusted-proxies", "10.0.0.0/40"}).contains("10.0.0.0/40"));
  CHECK(refused({"--cors-origin", "https://a.example/path"}).contains("https://a.example/path"));
  temp_dir dir;
  const auto done = run({USHER_BINARY, "serve", "--listen", "127.0.0.1:0", "--data", (dir.path() / "data").string(),
                         "--tls-cert", "/etc/hostname", "--tls-key", "/etc/hostname"});
  CHECK(done.code == 1);
  CHECK(done.err.contains("/etc/hostname"));
}
