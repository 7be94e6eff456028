// A program that a test starts.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace usher::test {

/// A child in a process group of its own, with its output in files. It dies with the thread that started it.
/// Destruction kills it.
class child_process {
 public:
  child_process() = default;
  /// Starts `command`; throws `std::system_error` when that fails. Output is appended.
  child_process(std::vector<std::string> command, const std::filesystem::path& out, const std::filesystem::path& err);
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&& other) noexcept;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_running();
  void signal(int number) const noexcept;
  /// The exit code, or 128 and the signal; nothing when it still runs at the end of the time.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds at_most);
  /// SIGKILL, and waits for the end.
  void kill_and_wait() noexcept;

 private:
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

struct finished {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs a command to its end; it is killed when it takes longer than `at_most`, and then the code is 137.
[[nodiscard]] finished run(std::vector<std::string> command,
                           std::chrono::milliseconds at_most = std::chrono::seconds{60});

[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Whether a process of this id is there and no zombie.
[[nodiscard]] bool is_alive(pid_t pid);
/// The ids of a process's children.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

}  // namespace usher::test
