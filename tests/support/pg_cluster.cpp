#include "tests/support/pg_cluster.hpp"

#include <csignal>
#include <stdexcept>

#include <unistd.h>

#include "tests/support/pg.hpp"
#include "tests/support/poll.hpp"

namespace usher::test {

namespace {

finished must(std::vector<std::string> command) {
  std::string name = command[0];
  auto done = run(std::move(command));
  if (done.code != 0) throw std::runtime_error(name + ": " + done.err + done.out);
  return done;
}

std::filesystem::path find_programs() {
  auto done = must({"pg_config", "--bindir"});
  return done.out.substr(0, done.out.find('\n'));
}

}  // namespace

pg_cluster::pg_cluster() : home_(dir_.path() / "cluster"), programs_(find_programs()) {
  std::filesystem::create_directory(home_);
  if (::geteuid() == 0) must({"chown", "postgres:postgres", home_.string()});
  must(command("initdb", {"-D", (home_ / "data").string(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
                          "--no-sync"}));
  start();
  pg admin(connection_string() + " dbname=postgres");
  admin.run("create database usher");
}

pg_cluster::~pg_cluster() {
  server_.signal(SIGQUIT);
  (void)server_.wait(10s);
}

// PostgreSQL refuses to work as root. The change of user would clear the signal at our death, so it is set after it.
std::vector<std::string> pg_cluster::command(const std::string& program, std::vector<std::string> arguments) const {
  std::vector<std::string> all;
  if (::geteuid() == 0) all = {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=QUIT"};
  all.push_back((programs_ / program).string());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

bool pg_cluster::answers() const {
  try {
    pg asked(connection_string() + " dbname=postgres");
    asked.run("select 1");
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void pg_cluster::start() {
  auto log = dir_.path() / "postgres.log";
  server_ = child_process(command("postgres", {"-D", (home_ / "data").string(), "-c", "listen_addresses=", "-c",
                                               "unix_socket_directories=" + home_.string()}),
                          log, log);
  if (!wait_until([this] { return answers() || !server_.is_running(); }, 60s) || !server_.is_running())
    throw std::runtime_error("PostgreSQL does not start: " + read_file(log));
}

void pg_cluster::stop() {
  server_.signal(SIGINT);
  if (server_.wait(30s) != 0) throw std::runtime_error("PostgreSQL does not stop");
}

std::string pg_cluster::connection_string() const { return "host=" + home_.string() + " user=postgres dbname=usher"; }

}  // namespace usher::test
