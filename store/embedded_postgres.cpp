#include "store/embedded_postgres.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/log/log.hpp"
#include "store/cluster_files.hpp"
#include "store/connection.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::string_view database_name = "usher";
constexpr auto restart_first = 50ms;
constexpr auto restart_max = 500ms;
constexpr auto progress_every = 5s;
constexpr auto recovery_max = 30min;

std::optional<identity> server_user() {
  if (::geteuid() != 0) return std::nullopt;
  auto found = find_identity("postgres");
  if (!found) throw std::runtime_error("PostgreSQL refuses to run as root, and there is no user postgres to run it as");
  return found;
}

std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string conninfo_of(const std::filesystem::path& sockets, std::string_view role, std::string_view database) {
  return "host=" + conninfo_value(sockets.string()) + " port=5432 dbname=" + std::string(database) +
         " user=" + std::string(role) + " sslmode=disable gssencmode=disable";
}

// glibc 2.36 declares its own without C linkage.
int open_pidfd(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

std::string describe(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

/// Owns the thread that starts the server and waits for it. It is one thread for the server's whole life: the kernel
/// ties the signal at our death to the thread that forked.
class embedded_postgres::supervisor {
 public:
  explicit supervisor(const settings& how)
      : how_(how), files_(how.directory, server_user()), wake_(::eventfd(0, EFD_CLOEXEC)) {
    files_.lock();
    programs_ = find_programs(files_.data_version());
    files_.prepare(programs_);
  }

  ~supervisor() {
    stop();
    ::close(wake_);
  }
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  void start() {
    thread_ = std::jthread([this] { supervise(); });
    await_connections();
    make_database();
  }

  void stop() noexcept {
    stopping_ = true;
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(wake_, &one, sizeof one);
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] const cluster_files& files() const noexcept { return files_; }

  [[nodiscard]] std::string conninfo(std::string_view role, std::string_view database) const {
    return conninfo_of(files_.sockets(), role, database);
  }

 private:
  void supervise() {
    auto delay = std::chrono::milliseconds(restart_first);
    while (!stopping_) {
      auto begun = clock::now();
      auto ended = run_once();
      if (stopping_) return;
      exits_.fetch_add(1);
      log::warn("the database server ended; starting it again", {{"how", ended}});
      // One that lived for a while was healthy: it gets a quick restart.
      delay = clock::now() - begun > 10s ? restart_first : std::min<std::chrono::milliseconds>(delay * 2, restart_max);
      sleep(delay);
    }
  }

  /// Starts the server and waits for its end, or stops it when we are to stop.
  std::string run_once() {
    try {
      files_.clear_way();
      int out = files_.open_log();
      child_plan plan{{(programs_.directory / "postgres").string(), "-D", files_.data().string()},
                      files_.user(),
                      out,
                      files_.data().string(),
                      SIGINT};
      pid_t child = spawn(plan);
      ::close(out);
      pid_ = child;
      int watched = open_pidfd(child);
      bool ended = watched >= 0 && wait(watched, -1ms);
      if (!ended) shut_down(child, watched);
      if (watched >= 0) ::close(watched);
      pid_ = 0;
      return describe(wait_for(child));
    } catch (const std::exception& why) {
      pid_ = 0;
      log::error("the database server can't be started", {{"why", why.what()}});
      return why.what();
    }
  }

  /// True when the process has ended; false at the time limit, or when we are woken to stop (without a limit only).
  [[nodiscard]] bool wait(int process, std::chrono::milliseconds limit) const {
    bool forever = limit < 0ms;
    std::array<pollfd, 2> watched{pollfd{process, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    while (true) {
      int ready = ::poll(watched.data(), forever ? 2 : 1, forever ? -1 : static_cast<int>(limit.count()));
      if (ready < 0 && errno == EINTR) continue;
      return ready > 0 && watched[0].revents != 0;
    }
  }

  void shut_down(pid_t child, int process) const {
    for (auto [signal, limit] :
         {std::pair{SIGINT, how_.stop_max}, std::pair{SIGQUIT, std::chrono::milliseconds(2'000)}}) {
      ::kill(child, signal);
      if (process >= 0 && wait(process, limit)) return;
      log::warn("the database server doesn't end yet", {{"signal", signal}});
    }
    ::kill(child, SIGKILL);
  }

  void sleep(std::chrono::milliseconds delay) const {
    pollfd woken{wake_, POLLIN, 0};
    ::poll(&woken, 1, static_cast<int>(delay.count()));
  }

  void await_connections() {
    constexpr int exits_max = 25;
    auto begun = clock::now();
    auto next_word = begun + progress_every;
    while (true) {
      auto opened = connection::open({conninfo("postgres", "postgres"), {}}, clock::now() + 2s);
      if (opened) break;
      auto waited = clock::now() - begun;
      bool hopeless = exits_ >= exits_max || waited > (pid_ == 0 ? how_.start_max : recovery_max);
      if (hopeless)
        throw std::runtime_error("the database server doesn't start: " + opened.error().message + "\n" +
                                 files_.log_tail());
      if (clock::now() >= next_word) {
        log::info("waiting for the database server", {{"why", opened.error().message}});
        next_word += progress_every;
      }
      std::this_thread::sleep_for(20ms);
    }
    log::info("the database server takes connections", {{"pid", pid()}, {"version", programs_.major}});
  }

  void make_database() const {
    auto limit = clock::now() + 60s;
    auto opened = connection::open({conninfo("postgres", "postgres"), {}}, limit);
    if (!opened) throw unavailable_error(opened.error());
    parameters name;
    name.text(database_name);
    auto found = opened->query("SELECT 1 FROM pg_database WHERE datname = $1", name, limit);
    if (!found) throw unavailable_error(found.error());
    if (found->size() > 0) return;
    auto made = opened->script("CREATE DATABASE " + std::string(database_name), limit);
    if (!made) throw unavailable_error(made.error());
  }

  const settings& how_;
  cluster_files files_;
  postgres_programs programs_;
  int wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<pid_t> pid_{0};
  std::atomic<int> exits_{0};
  std::jthread thread_;
};

embedded_postgres::embedded_postgres(settings how) : how_(std::move(how)) {}

embedded_postgres::~embedded_postgres() { stop(); }

void embedded_postgres::start() {
  if (supervisor_) return;
  auto made = std::make_unique<supervisor>(how_);
  made->start();
  supervisor_ = std::move(made);
}

void embedded_postgres::stop() noexcept { supervisor_.reset(); }

std::string embedded_postgres::conninfo(std::string_view role) const {
  if (!supervisor_) throw std::logic_error("the database server is not started");
  return supervisor_->conninfo(role, database_name);
}

std::optional<std::string> embedded_postgres::running(const std::filesystem::path& directory, std::string_view role) {
  if (!is_in_use(directory)) return std::nullopt;
  return conninfo_of(sockets_in(directory), role, database_name);
}

pid_t embedded_postgres::pid() const noexcept { return supervisor_ ? supervisor_->pid() : 0; }

}  // namespace usher::store
