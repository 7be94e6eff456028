#include "app/reloader.hpp"

#include <sys/stat.h>

#include <chrono>
#include <tuple>
#include <utility>

#include "metrics/log/log.hpp"

namespace usher::app {

namespace {

constexpr std::chrono::seconds look_interval{2};

}  // namespace

/// What tells one content of the files from another without reading them. A file that is not there is all zeros.
struct reloader::stamp {
  std::vector<std::tuple<dev_t, ino_t, off_t, time_t, long>> files;

  static stamp of(const watched_files& what) {
    stamp out;
    for (const auto& file : what.files) {
      struct stat found {};
      if (::stat(file.c_str(), &found) != 0) found = {};
      out.files.emplace_back(found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
    }
    return out;
  }
  bool operator==(const stamp&) const = default;
};

void reloader::start() {
  thread_ = std::jthread([this](const std::stop_token& ending) { run(ending); });
}

void reloader::reload_all() {
  {
    const std::scoped_lock guard(mutex_);
    forced_ = true;
  }
  woken_.notify_all();
}

void reloader::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void reloader::run(const std::stop_token& ending) {
  // Nothing has been compared with what the server started with: the first look reads once.
  std::vector<stamp> last(all_.size());
  while (!ending.stop_requested()) {
    bool forced = false;
    {
      std::unique_lock guard(mutex_);
      woken_.wait_for(guard, ending, look_interval, [this] { return forced_; });
      forced = std::exchange(forced_, false);
    }
    if (ending.stop_requested()) return;
    for (std::size_t i = 0; i < all_.size(); ++i) look(all_[i], last[i], forced);
  }
}

void reloader::look(watched_files& what, stamp& last, bool forced) {
  auto now = stamp::of(what);
  if (!forced && now == last) return;
  const bool first = last.files.empty();
  last = std::move(now);
  try {
    if (auto done = what.reload(); !done)
      log::error("could not be read again; what was read before still holds",
                 {{"what", what.name}, {"reason", done.error().detail}});
    else if (!first || forced)
      log::info("read again", {{"what", what.name}});
  } catch (const std::exception& why) {
    log::error("could not be read again; what was read before still holds",
               {{"what", what.name}, {"reason", why.what()}});
  }
}

}  // namespace usher::app
