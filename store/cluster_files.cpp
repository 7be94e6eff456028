#include "store/cluster_files.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics/log/log.hpp"

namespace usher::store {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr int oldest_major = 15;
constexpr std::uintmax_t log_bytes_max = 16U << 20U;
constexpr std::size_t socket_path_max = 100;  // the kernel takes 107 bytes
constexpr std::string_view socket_name = "/.s.PGSQL.5432";
constexpr std::string_view settings_name = "usher.conf";
constexpr std::string_view lock_name = "usher.lock";
constexpr std::string_view sockets_note_name = "run.path";

// A small machine with a few connections and many small commits. Lines after the include in postgresql.conf win.
constexpr std::string_view settings_text =
    "# Written anew at every start of Usher. Put your own settings below the include in postgresql.conf.\n"
    "listen_addresses = ''\nport = 5432\nmax_connections = 50\n"
    "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\n"
    "shared_buffers = 256MB\nhuge_pages = try\nmax_wal_size = 4GB\nmin_wal_size = 256MB\nwal_compression = on\n"
    "checkpoint_timeout = 15min\ncheckpoint_completion_target = 0.9\n"
    "random_page_cost = 1.1\njit = off\ntrack_io_timing = off\n"
    "timezone = 'UTC'\nlog_timezone = 'UTC'\nlog_min_messages = warning\nlogging_collector = off\n"
    "log_line_prefix = '%m [%p] '\nlog_parameter_max_length_on_error = 0\nlog_error_verbosity = terse\n"
    "log_min_error_statement = panic\npassword_encryption = scram-sha-256\n";

bool fits_socket(const fs::path& directory) {
  return directory.string().size() + socket_name.size() <= socket_path_max;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::trunc);
  out << text;
  out.flush();
  if (!out) throw std::runtime_error("can't write " + path.string());
}

std::optional<int> leading_number(const std::string& text) {
  std::istringstream in(text);
  int number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

std::optional<int> major_of(const fs::path& directory) {
  if (!fs::exists(directory / "postgres") || !fs::exists(directory / "initdb")) return std::nullopt;
  auto answer = run_child({{(directory / "postgres").string(), "--version"}, {}, -1, "/", 0});
  auto at = answer.output.find_first_of("0123456789");
  if (answer.code != 0 || at == std::string::npos) return std::nullopt;
  return leading_number(answer.output.substr(at));
}

std::vector<fs::path> program_directories() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored))
    found.push_back(entry.path() / "bin");
  std::sort(found.begin(), found.end());
  const char* path = ::getenv("PATH");
  std::istringstream in(path == nullptr ? "" : path);
  for (std::string each; std::getline(in, each, ':');) found.emplace_back(each);
  return found;
}

/// Whether the process is alive as a server of this data directory. One that has ended and waits to be reaped is not.
bool serves(pid_t pid, const fs::path& data) {
  std::error_code failed;
  auto where = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", failed);
  return !failed && fs::equivalent(where, data, failed) && !failed;
}

bool wait_until_gone(pid_t pid, const fs::path& data, std::chrono::milliseconds limit) {
  auto deadline = std::chrono::steady_clock::now() + limit;
  while (serves(pid, data)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

}  // namespace

postgres_programs find_programs(std::optional<int> wanted) {
  std::optional<postgres_programs> best;
  auto rank = [&](int major) { return wanted == major ? 1'000'000 : major == oldest_major ? 100'000 : major; };
  for (const auto& directory : program_directories()) {
    auto major = major_of(directory);
    if (!major || *major < oldest_major) continue;
    if (!best || rank(*major) > rank(best->major)) best = postgres_programs{directory, *major};
  }
  if (!best)
    throw std::runtime_error(
        "no PostgreSQL of version 15 or above is installed (looked in /usr/lib/postgresql and PATH)");
  return *best;
}

bool is_in_use(const fs::path& directory) {
  const int opened = ::open((directory / lock_name).c_str(), O_RDWR | O_CLOEXEC);
  if (opened < 0) return false;
  const bool free = ::flock(opened, LOCK_EX | LOCK_NB) == 0;
  const bool held = !free && errno == EWOULDBLOCK;
  ::close(opened);
  return held;
}

fs::path sockets_in(const fs::path& directory) {
  const auto elsewhere = fs::path(read_file(directory / sockets_note_name));
  const auto own = fs::absolute(directory).lexically_normal() / "run";
  return elsewhere.empty() || fits_socket(own) ? own : elsewhere;
}

cluster_files::cluster_files(const fs::path& directory, std::optional<identity> as) : as_(std::move(as)) {
  directory_ = fs::absolute(directory).lexically_normal();
  if (directory_.filename().empty()) directory_ = directory_.parent_path();
  data_ = directory_ / "postgres";
  bool made = fs::create_directories(directory_);
  // The directory itself is ours to open: the server's user must get through it to its data, and sees nothing else.
  if (as_) fs::permissions(directory_, fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add);
  if (made) log::info("made the data directory", {{"directory", directory_.string()}});
  check_reachable();
}

cluster_files::~cluster_files() {
  remove_socket_directory();
  if (lock_ >= 0) ::close(lock_);
}

void cluster_files::check_reachable() const {
  if (!as_) return;
  std::vector<std::string> parents;
  for (fs::path each = directory_; each != each.root_path(); each = each.parent_path())
    parents.push_back(each.string());
  std::reverse(parents.begin(), parents.end());
  if (auto closed = first_closed(parents, *as_))
    throw std::runtime_error("the user postgres, as whom the database runs, may not enter " + *closed +
                             "; open it (chmod o+x) or choose another data directory");
}

void cluster_files::lock() {
  auto path = directory_ / lock_name;
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) throw std::system_error(errno, std::generic_category(), "open " + path.string());
  auto deadline = std::chrono::steady_clock::now() + 1s;
  while (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline)
      throw std::runtime_error("another Usher runs on the data directory " + directory_.string());
    std::this_thread::sleep_for(20ms);
  }
}

std::optional<int> cluster_files::data_version() const {
  if (!fs::exists(data_ / "PG_VERSION")) return std::nullopt;
  return leading_number(read_file(data_ / "PG_VERSION"));
}

void cluster_files::prepare(const postgres_programs& programs) {
  auto version = data_version();
  if (version && *version != programs.major)
    throw std::runtime_error("the data in " + data_.string() + " is PostgreSQL " + std::to_string(*version) +
                             "'s, but the installed one is " + std::to_string(programs.major) + "; install version " +
                             std::to_string(*version) + ", or move the data with pg_upgrade");
  if (!version) initialize(programs);
  choose_sockets();
  write_settings();
}

void cluster_files::make_directory(const fs::path& path) const {
  fs::create_directories(path);
  if (as_ && ::chown(path.c_str(), as_->user, as_->group) != 0)
    throw std::system_error(errno, std::generic_category(), "chown " + path.string());
  fs::permissions(path, fs::perms::owner_all);
}

// Made under another name and renamed when it is whole.
void cluster_files::initialize(const postgres_programs& programs) const {
  if (fs::exists(data_) && !fs::is_empty(data_))
    throw std::runtime_error(data_.string() + " is not empty, and not a database either");
  auto draft = directory_ / "postgres.new";
  fs::remove_all(draft);
  make_directory(draft);
  log::info("making a new database", {{"directory", data_.string()}, {"version", programs.major}});
  auto answer =
      run_child({{(programs.directory / "initdb").string(), "--pgdata=" + draft.string(), "--username=postgres",
                  "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=trust", "--no-instructions"},
                 as_,
                 -1,
                 "/",
                 SIGKILL});
  if (answer.code != 0) throw std::runtime_error("initdb failed: " + answer.output);
  write_file(draft / "pg_hba.conf", "# The socket is private; there is no network.\nlocal all all trust\n");
  std::ofstream(draft / "postgresql.conf", std::ios::app) << "\ninclude_if_exists = '" << settings_name << "'\n";
  fs::remove_all(data_);
  fs::rename(draft, data_);
}

void cluster_files::choose_sockets() {
  sockets_ = directory_ / "run";
  if (fits_socket(sockets_)) return make_directory(sockets_);
  std::string pattern = (fs::temp_directory_path() / "usher-run-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  sockets_ = pattern;
  make_directory(sockets_);
  // What a killed Usher left behind.
  auto note = directory_ / sockets_note_name;
  auto former = fs::path(read_file(note));
  std::error_code ignored;
  if (former.parent_path() == sockets_.parent_path() && former.filename().string().starts_with("usher-run-"))
    fs::remove_all(former, ignored);
  write_file(note, sockets_.string());
}

void cluster_files::remove_socket_directory() const {
  std::error_code ignored;
  if (!sockets_.empty() && sockets_.parent_path() != directory_) fs::remove_all(sockets_, ignored);
}

void cluster_files::write_settings() const {
  std::string sockets = sockets_.string();
  std::string quoted;
  for (char c : sockets) quoted.append(c == '\'' ? 2 : 1, c);
  write_file(data_ / settings_name, std::string(settings_text) + "unix_socket_directories = '" + quoted +
                                        "'\nunix_socket_permissions = 0700\n");
  if (as_ && ::chown((data_ / settings_name).c_str(), as_->user, as_->group) != 0)
    throw std::system_error(errno, std::generic_category(), "chown");
}

void cluster_files::clear_way() const {
  auto file = data_ / "postmaster.pid";
  auto pid = leading_number(read_file(file));
  if (!pid || *pid <= 0) return;
  if (!serves(*pid, data_)) {
    // PostgreSQL takes any living process of that number, a zombie too, for the owner of the lock.
    if (::kill(*pid, 0) == 0 || errno == EPERM) {
      log::warn("removed a postmaster.pid whose process is another program", {{"pid", *pid}});
      fs::remove(file);
    }
    return;
  }
  log::warn("a database server has outlived its Usher; stopping it", {{"pid", *pid}});
  for (auto [signal, limit] : {std::pair{SIGINT, 5000ms}, std::pair{SIGQUIT, 3000ms}, std::pair{SIGKILL, 3000ms}}) {
    ::kill(*pid, signal);
    if (wait_until_gone(*pid, data_, limit)) return;
  }
  throw std::runtime_error("the server process " + std::to_string(*pid) + " of an earlier run doesn't end");
}

int cluster_files::open_log() const {
  auto path = directory_ / "postgres.log";
  std::error_code none;
  if (fs::file_size(path, none) > log_bytes_max && !none) fs::rename(path, directory_ / "postgres.log.1");
  int opened = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (opened < 0) throw std::system_error(errno, std::generic_category(), "open " + path.string());
  return opened;
}

std::string cluster_files::log_tail() const {
  constexpr std::size_t tail_bytes = 2000;
  auto all = read_file(directory_ / "postgres.log");
  return all.size() > tail_bytes ? all.substr(all.size() - tail_bytes) : all;
}

}  // namespace usher::store
