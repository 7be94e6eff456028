#include "tests/support/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/poll.hpp"
#include "tests/support/temp_dir.hpp"

namespace usher::test {

namespace fs = std::filesystem;

namespace {

int open_output(const fs::path& path) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path.string());
  return fd;
}

/// The state's letter and the parent, out of `/proc/PID/stat`.
std::optional<std::pair<char, pid_t>> stat_of(pid_t pid) {
  std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
  auto after_name = text.rfind(')');  // the name may hold anything, blanks and brackets too
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(after_name + 1));
  char state = 0;
  pid_t parent = 0;
  rest >> state >> parent;
  return std::pair{state, parent};
}

}  // namespace

child_process::child_process(std::vector<std::string> command, const fs::path& out, const fs::path& err) {
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  int out_fd = open_output(out);
  int err_fd = open_output(err);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::dup2(out_fd, 1);
    ::dup2(err_fd, 2);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  int why = errno;
  ::close(out_fd);
  ::close(err_fd);
  if (pid_ < 0) throw std::system_error(why, std::generic_category(), "fork");
}

child_process::~child_process() { kill_and_wait(); }

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), ended_(std::exchange(other.ended_, std::nullopt)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
  if (this != &other) {
    kill_and_wait();
    pid_ = std::exchange(other.pid_, -1);
    ended_ = std::exchange(other.ended_, std::nullopt);
  }
  return *this;
}

bool child_process::is_running() {
  if (pid_ < 0 || ended_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void child_process::signal(int number) const noexcept {
  if (pid_ > 0 && !ended_) ::kill(pid_, number);
}

std::optional<int> child_process::wait(std::chrono::milliseconds at_most) {
  if (!wait_until([this] { return !is_running(); }, at_most, 5ms)) return std::nullopt;
  return ended_;
}

void child_process::kill_and_wait() noexcept {
  if (pid_ < 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = 128 + SIGKILL;
}

finished run(std::vector<std::string> command, std::chrono::milliseconds at_most) {
  temp_dir dir;
  child_process child(std::move(command), dir.path() / "out", dir.path() / "err");
  finished done;
  done.code = child.wait(at_most).value_or(128 + SIGKILL);
  child.kill_and_wait();
  done.out = read_file(dir.path() / "out");
  done.err = read_file(dir.path() / "err");
  return done;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_alive(pid_t pid) {
  auto stat = stat_of(pid);
  return stat && stat->first != 'Z' && stat->first != 'X';
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> all;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto child = static_cast<pid_t>(std::stol(name));
    if (auto stat = stat_of(child); stat && stat->second == pid) all.push_back(child);
  }
  return all;
}

}  // namespace usher::test
