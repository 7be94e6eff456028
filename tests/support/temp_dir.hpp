// A directory of a test's own, gone when the test is.
#pragma once

#include <filesystem>

namespace usher::test {

/// Lies under the system's temporary directory, because a unix socket's path has to be short. Others may pass through
/// it: under root, the database runs as another user.
class temp_dir {
 public:
  temp_dir();
  ~temp_dir();
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace usher::test
