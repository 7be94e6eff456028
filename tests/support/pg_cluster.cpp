#include "tests/support/pg_cluster.hpp"

#include <stdexcept>

#include <unistd.h>

#include "tests/support/child_process.hpp"
#include "tests/support/pg.hpp"

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

pg_cluster::pg_cluster() : programs_(find_programs()) {
  auto home = dir_.path() / "cluster";
  std::filesystem::create_directory(home);
  if (::geteuid() == 0) must({"chown", "postgres:postgres", home.string()});
  tool("initdb", {"-D", (home / "data").string(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"});
  start();
  pg admin(connection_string() + " dbname=postgres");
  admin.run("create database usher");
}

pg_cluster::~pg_cluster() {
  if (!running_) return;
  try {
    tool("pg_ctl", {"-D", (dir_.path() / "cluster/data").string(), "-m", "immediate", "-w", "stop"});
  } catch (const std::exception&) {
    // It is gone already; the directory goes next.
  }
}

// initdb and the server refuse to work as root.
void pg_cluster::tool(const std::string& name, std::vector<std::string> arguments) const {
  std::vector<std::string> command;
  if (::geteuid() == 0) command = {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"};
  command.push_back((programs_ / name).string());
  command.insert(command.end(), arguments.begin(), arguments.end());
  must(std::move(command));
}

void pg_cluster::start() {
  auto home = dir_.path() / "cluster";
  tool("pg_ctl", {"-D", (home / "data").string(), "-l", (home / "log").string(), "-w", "-o",
                  "-c listen_addresses='' -c unix_socket_directories=" + home.string(), "start"});
  running_ = true;
}

void pg_cluster::stop() {
  tool("pg_ctl", {"-D", (dir_.path() / "cluster/data").string(), "-m", "fast", "-w", "stop"});
  running_ = false;
}

std::string pg_cluster::connection_string() const {
  return "host=" + (dir_.path() / "cluster").string() + " user=postgres dbname=usher";
}

}  // namespace usher::test
