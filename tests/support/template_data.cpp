#include "tests/support/template_data.hpp"

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/support/server_process.hpp"
#include "tests/support/temp_dir.hpp"

namespace usher::test {

namespace fs = std::filesystem;

namespace {

/// Held by one process at a time, and let go of by the kernel when its holder dies.
class file_lock {
 public:
  explicit file_lock(const fs::path& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) throw std::system_error(errno, std::generic_category(), path.string());
  }
  ~file_lock() { ::close(fd_); }
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

 private:
  int fd_;
};

/// `std::filesystem` keeps neither owners nor times.
void copy_all(const fs::path& from, const fs::path& to) {
  auto done = run({"cp", "-a", "--reflink=auto", from.string(), to.string()});
  if (done.code != 0) throw std::runtime_error("cp: " + done.err);
}

std::string name_of_template() {
  auto built = fs::last_write_time(USHER_BINARY).time_since_epoch().count();
  return "template-" + std::to_string(built) + "-" + std::to_string(fs::file_size(USHER_BINARY));
}

void make_template(const fs::path& scratch, const fs::path& finished) {
  for (const auto& old : fs::directory_iterator(scratch)) {
    if (old.path().filename().string().starts_with("template-")) fs::remove_all(old.path());
  }
  temp_dir dir;
  {
    server_process server(dir.path() / "data");
    server.start(std::chrono::seconds{120});
    if (server.stop() != 0) throw std::runtime_error("the template's server did not stop cleanly:\n" + server.log());
    if (server.postmaster()) throw std::runtime_error("the template's PostgreSQL outlived its server");
  }
  auto partial = scratch / "template-partial";
  copy_all(dir.path() / "data", partial);
  fs::rename(partial, finished);
}

}  // namespace

void copy_template_data(const fs::path& destination) {
  fs::path scratch = USHER_TEST_SCRATCH;
  fs::create_directories(scratch);
  auto finished = scratch / name_of_template();
  file_lock lock(scratch / "lock");
  if (!fs::exists(finished)) make_template(scratch, finished);
  copy_all(finished, destination);
}

}  // namespace usher::test
