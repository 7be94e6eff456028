#include "store/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace usher::store {

namespace {

constexpr std::size_t output_max = 64U << 10U;

/// Pointers for exec, made before the fork: between fork and exec nothing may allocate.
struct exec_arguments {
  explicit exec_arguments(const std::vector<std::string>& texts) {
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
  }
  std::vector<char*> pointers;
};

// A server process takes and gives back the memory of a batch hundreds of times a second. Told to keep up to 16 MB, it
// spares itself the page faults.
const std::vector<std::string>& environment() {
  static const std::vector<std::string> small{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                                              "MALLOC_MMAP_THRESHOLD_=16777216", "MALLOC_TRIM_THRESHOLD_=16777216"};
  return small;
}

bool become(const identity& who) noexcept {
  return ::setgroups(who.groups.size(), who.groups.data()) == 0 && ::setgid(who.group) == 0 && ::setuid(who.user) == 0;
}

void reset_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (int s : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGCHLD}) ::signal(s, SIG_DFL);
}

[[noreturn]] void be_child(const child_plan& plan, char* const* arguments, char* const* variables,
                           pid_t parent) noexcept {
  reset_signals();
  ::setsid();
  int null = ::open("/dev/null", O_RDWR);
  int out = plan.output >= 0 ? plan.output : null;
  if (::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0) ::_exit(126);
  ::close_range(3, ~0U, 0);
  if (plan.as && !become(*plan.as)) ::_exit(126);
  if (::chdir(plan.directory.c_str()) != 0) ::_exit(126);
  // After the change of user, which clears it; and the parent may have died before it was set.
  if (plan.signal_at_our_death != 0) {
    ::prctl(PR_SET_PDEATHSIG, plan.signal_at_our_death);
    if (::getppid() != parent) ::_exit(126);
  }
  ::execve(arguments[0], arguments, variables);
  ::_exit(127);
}

}  // namespace

std::optional<identity> find_identity(const std::string& user) {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(user.c_str(), &entry, space.data(), space.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  identity who{entry.pw_uid, entry.pw_gid, {}};
  int count = 64;
  who.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(user.c_str(), who.group, who.groups.data(), &count) < 0) count = 0;
  who.groups.resize(static_cast<std::size_t>(count));
  return who;
}

pid_t spawn(const child_plan& plan) {
  exec_arguments arguments(plan.arguments);
  exec_arguments variables(environment());
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) be_child(plan, arguments.pointers.data(), variables.pointers.data(), parent);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

child_answer run_child(child_plan plan) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  plan.output = ends[1];
  pid_t child = spawn(plan);
  ::close(ends[1]);
  child_answer answer;
  std::array<char, 4096> piece{};
  while (true) {
    ssize_t got = ::read(ends[0], piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (answer.output.size() < output_max) answer.output.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = wait_for(child);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

// Only a process of that user can say for sure: there may be access lists, or more than mode bits.
std::optional<std::string> first_closed(const std::vector<std::string>& directories, const identity& who) {
  pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    if (!become(who)) ::_exit(255);
    int index = 0;
    for (const auto& directory : directories) {
      if (::access(directory.c_str(), X_OK) != 0) ::_exit(1 + index);
      ++index;
    }
    ::_exit(0);
  }
  int status = wait_for(child);
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  if (code == 0) return std::nullopt;
  if (code > static_cast<int>(directories.size())) throw std::runtime_error("can't act as the user of the database");
  return directories[static_cast<std::size_t>(code - 1)];
}

}  // namespace usher::store
