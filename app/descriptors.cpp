#include "app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "metrics/log/log.hpp"

namespace usher::app {

namespace {

/// For the database, the io threads' own, outgoing connections, logs and files.
constexpr rlim_t own_descriptors = 256;

}  // namespace

std::size_t make_room(std::size_t connections) {
  const rlim_t wanted = connections + own_descriptors;
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) return connections;
  if (now.rlim_cur < wanted) {
    // Only as far as needed: some programs that we start close every descriptor below the limit.
    rlimit raised = now;
    raised.rlim_cur = std::min(wanted, now.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) now = raised;
  }
  if (now.rlim_cur >= wanted) return connections;
  const std::size_t room = now.rlim_cur > 2 * own_descriptors ? now.rlim_cur - own_descriptors : now.rlim_cur / 2;
  log::warn("the limit of open files leaves room for fewer connections",
            {{"connections", room}, {"wanted", connections}, {"open_files_max", now.rlim_cur}});
  return room;
}

}  // namespace usher::app
