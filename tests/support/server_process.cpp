#include "tests/support/server_process.hpp"

#include <csignal>
#include <sstream>
#include <stdexcept>

#include "tests/support/poll.hpp"
#include "tests/support/test_record.hpp"

namespace usher::test {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t log_tail_bytes = 4000;

/// The directory of a PostgreSQL cluster in or under `data`.
std::optional<fs::path> find_cluster(const fs::path& data) {
  std::error_code ignored;
  if (fs::exists(data / "postmaster.pid", ignored)) return data;
  for (const auto& entry : fs::directory_iterator(data, ignored)) {
    if (fs::exists(entry.path() / "postmaster.pid", ignored)) return entry.path();
  }
  return std::nullopt;
}

}  // namespace

server_process::server_process(fs::path data, std::vector<std::string> arguments)
    : data_(std::move(data)),
      arguments_(std::move(arguments)),
      where_(std::make_shared<std::atomic<std::uint16_t>>(std::uint16_t{0})) {}

server_process::~server_process() {
  if (child_.is_running()) {
    child_.signal(SIGTERM);
    (void)child_.wait(15s);
  }
  kill_server();
  kill_database();
  record_log(data_.string() + ".log");
}

void server_process::start_listening(std::chrono::milliseconds at_most) {
  ++starts_;
  // Through the environment, where a setting that this server does not have yet is no error.
  std::vector<std::string> command{
      "env", "USHER_RATE_LIMIT_CALLER=0", "USHER_RATE_LIMIT_ORGANIZATION=0", USHER_BINARY, "serve", "--listen",
      "127.0.0.1:0", "--data", data_.string(),
      // The tests are a few callers that send a lot; one that is about the limits sets its own.
      "--rate-limit-caller", "0", "--rate-limit-organization", "0"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  auto out = data_.string() + ".out." + std::to_string(starts_);
  child_ = child_process(std::move(command), out, data_.string() + ".log");
  bool told = wait_until([this] { return announced_port().has_value() || !child_.is_running(); }, at_most);
  auto port = announced_port();
  if (!told || !port) fail("the server did not tell its port");
  where_->store(*port);
}

void server_process::start(std::chrono::milliseconds at_most) {
  auto deadline = steady::now() + at_most;
  start_listening(at_most);
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now());
  if (!wait_ready(left)) fail("the server did not become ready");
}

bool server_process::wait_ready(std::chrono::milliseconds at_most) const {
  http_client client(where_, 5s);
  return wait_until(
      [&] {
        auto answer = client.send("GET", "/readyz", {}, "");
        return answer && answer->status == 200;
      },
      at_most, 20ms);
}

std::optional<std::uint16_t> server_process::announced_port() const {
  constexpr std::string_view words = "listening on http://127.0.0.1:";
  std::istringstream out(read_file(data_.string() + ".out." + std::to_string(starts_)));
  for (std::string line; std::getline(out, line);) {
    if (line.starts_with(words) && !out.eof()) return static_cast<std::uint16_t>(std::stoul(line.substr(words.size())));
  }
  return std::nullopt;
}

std::optional<int> server_process::stop(std::chrono::milliseconds at_most) {
  child_.signal(SIGTERM);
  return child_.wait(at_most);
}

void server_process::kill_server() noexcept { child_.kill_and_wait(); }

// The pid file may be a leftover whose number belongs to somebody else by now; a postmaster works in its cluster.
std::optional<pid_t> server_process::postmaster() const {
  auto cluster = find_cluster(data_);
  if (!cluster) return std::nullopt;
  std::istringstream text(read_file(*cluster / "postmaster.pid"));
  pid_t pid = 0;
  if (!(text >> pid) || pid <= 1 || !is_alive(pid)) return std::nullopt;
  std::error_code error;
  auto works_in = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  if (error || works_in != fs::canonical(*cluster)) return std::nullopt;
  return pid;
}

bool server_process::kill_database() const {
  auto pid = postmaster();
  if (!pid) return false;
  auto family = children_of(*pid);
  ::kill(*pid, SIGKILL);
  for (auto child : family) ::kill(child, SIGKILL);
  family.push_back(*pid);
  return wait_until(
      [&] {
        for (auto member : family) {
          if (is_alive(member)) return false;
        }
        return true;
      },
      10s);
}

std::string server_process::log() const { return read_file(data_.string() + ".log"); }

void server_process::fail(const std::string& why) const {
  auto all = log();
  throw std::runtime_error(why + "\n" + (all.size() > log_tail_bytes ? all.substr(all.size() - log_tail_bytes) : all));
}

}  // namespace usher::test
