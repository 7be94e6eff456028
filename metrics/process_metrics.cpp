#include "metrics/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace usher::metrics {

namespace {

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help, double value) {
  std::ostringstream text;
  text.precision(17);
  text << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n'
       << name << ' ' << value << '\n';
  out += text.str();
}

/// The fields of /proc/self/stat from the third on: the second is the program's name and may hold spaces.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(line.substr(end_of_name + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string key; file >> key;) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
    file.ignore(1 << 20, '\n');
  }
  return 0;
}

double open_files() {
  double count = 0;
  std::error_code ec;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", ec); !ec && it != std::filesystem::end(it);
       it.increment(ec))
    ++count;
  return count;
}

}  // namespace

void append_process_metrics(std::string& out) {
  auto fields = stat_fields();
  constexpr std::size_t utime = 11, stime = 12, start = 19, vsize = 20, rss = 21;
  if (fields.size() <= rss) return;
  auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  auto number = [&](std::size_t i) { return std::stod(fields[i]); };
  append(out, "process_cpu_seconds_total", "counter", "User and system CPU time spent, in seconds.",
         (number(utime) + number(stime)) / tick);
  append(out, "process_resident_memory_bytes", "gauge", "Resident memory, in bytes.", number(rss) * page);
  append(out, "process_virtual_memory_bytes", "gauge", "Virtual memory, in bytes.", number(vsize));
  append(out, "process_start_time_seconds", "gauge", "Start of the process since the Unix epoch, in seconds.",
         boot_time() + number(start) / tick);
  append(out, "process_open_fds", "gauge", "Open file descriptors.", open_files());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    append(out, "process_max_fds", "gauge", "Most file descriptors that may be open.",
           static_cast<double>(limit.rlim_cur));
}

}  // namespace usher::metrics
