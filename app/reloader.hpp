// Reads files again when they change: keys and certificates are renewed without a restart.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "domain/error.hpp"

namespace usher::app {

/// Files that belong together, and what takes them over.
struct watched_files {
  std::string name;  ///< for the log
  std::vector<std::string> files;
  /// Puts what the files hold in force; an error leaves what was in force before.
  std::function<domain::result<void>()> reload;
};

/// Looks at the files every few seconds, and at once when asked. Its own thread, from `start` to the end.
class reloader {
 public:
  explicit reloader(std::vector<watched_files> all) : all_(std::move(all)) {}

  void start();
  /// Reads everything again, changed or not: SIGHUP.
  void reload_all();
  void stop();

 private:
  struct stamp;
  void run(const std::stop_token& ending);
  void look(watched_files& what, stamp& last, bool forced);

  std::vector<watched_files> all_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool forced_ = false;
  std::jthread thread_;
};

}  // namespace usher::app
