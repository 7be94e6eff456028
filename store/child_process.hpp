// Starting a program as a child, safely from a process with threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace usher::store {

/// Whom a child runs as.
struct identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
};

/// The system's user of that name; nothing when there is none.
[[nodiscard]] std::optional<identity> find_identity(const std::string& user);

struct child_plan {
  std::vector<std::string> arguments;  ///< the program's path first
  std::optional<identity> as;          ///< absent: as we are
  int output = -1;                     ///< where its stdout and stderr go; -1 is nowhere
  std::string directory = "/";
  /// This signal when the thread that starts the child ends (Linux ties it to the thread); 0 is none.
  int signal_at_our_death = 0;
};

/// Starts the child in a session of its own, so that a terminal's Ctrl-C is ours to handle, with a small environment,
/// no open files but its output, and no blocked signals. Throws `std::system_error`.
[[nodiscard]] pid_t spawn(const child_plan& plan);

/// Waits for the child's end; its status as of `waitpid`.
int wait_for(pid_t child);

/// Runs a program to its end: its exit code (128 and the signal for one that was killed), and what it printed.
struct child_answer {
  int code = 0;
  std::string output;
};
[[nodiscard]] child_answer run_child(child_plan plan);

/// The first of the paths that `who` may not enter; nothing when all are open to it.
[[nodiscard]] std::optional<std::string> first_closed(const std::vector<std::string>& directories, const identity& who);

}  // namespace usher::store
