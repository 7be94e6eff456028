// The system's name service under a time limit.
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "outbox/egress.hpp"

namespace usher::outbox {

using domain::errc;
using domain::fail;

namespace {

struct lookup {
  std::string host;
  std::mutex mutex;
  std::condition_variable_any done_changed;
  bool done = false;
  std::vector<address> found;
};

std::vector<address> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<address> found;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return found;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    // An address of another family can't be checked, so it goes in as one that no policy lets through.
    const auto a = from_sockaddr(*entry->ai_addr).value_or(address{});
    if (std::ranges::find(found, a) == found.end()) found.push_back(a);
  }
  freeaddrinfo(list);
  return found;
}

void run(lookup& what, const blocking_lookup& look_up) noexcept {
  std::vector<address> found;
  try {
    found = look_up(what.host);
  } catch (...) {
    found.clear();  // out of memory: as if the name were not known, and so tried again later
  }
  {
    std::scoped_lock lock(what.mutex);
    what.found = std::move(found);
    what.done = true;
  }
  what.done_changed.notify_all();
}

domain::result<std::vector<address>> wait_for(lookup& what, steady_time deadline, const std::stop_token& stop) {
  std::unique_lock lock(what.mutex);
  what.done_changed.wait_until(lock, stop, deadline, [&] { return what.done; });
  if (!what.done) return fail(stop.stop_requested() ? errc::shutting_down : errc::timed_out);
  if (what.found.empty()) return fail(errc::not_found, "The name is not known.");
  return std::move(what.found);
}

/// The threads that look names up. One whose lookup has ended is joined, by the next call or at the end; nobody can
/// end the others, so at the end they are let go: they own what they still touch.
class lookup_threads {
 public:
  explicit lookup_threads(blocking_lookup look_up, int most)
      : look_up_(std::make_shared<const blocking_lookup>(std::move(look_up))), most_(static_cast<std::size_t>(most)) {}
  lookup_threads(const lookup_threads&) = delete;
  lookup_threads& operator=(const lookup_threads&) = delete;
  ~lookup_threads() {
    join_ended();
    for (auto& each : running_) each.thread.detach();
  }

  /// Nothing when too many are under way, or no thread is left.
  [[nodiscard]] std::shared_ptr<lookup> begin(const std::string& host) {
    std::scoped_lock lock(mutex_);
    join_ended();
    if (running_.size() >= most_) return nullptr;
    auto what = std::make_shared<lookup>();
    what->host = host;
    running_.push_back({what, {}});
    try {
      running_.back().thread = std::thread([what, look_up = look_up_] { run(*what, *look_up); });
    } catch (const std::system_error&) {
      running_.pop_back();
      return nullptr;
    }
    return what;
  }

 private:
  struct one {
    std::shared_ptr<lookup> what;
    std::thread thread;
  };

  void join_ended() {
    std::erase_if(running_, [](one& each) {
      {
        std::scoped_lock lock(each.what->mutex);
        if (!each.what->done) return false;
      }
      each.thread.join();
      return true;
    });
  }

  std::shared_ptr<const blocking_lookup> look_up_;
  std::size_t most_;
  std::mutex mutex_;
  std::vector<one> running_;
};

}  // namespace

resolver bounded_resolver(blocking_lookup look_up, int lookups_max) {
  auto threads = std::make_shared<lookup_threads>(std::move(look_up), lookups_max);
  return [threads](const std::string& host, steady_time deadline,
                   const std::stop_token& stop) -> domain::result<std::vector<address>> {
    auto what = threads->begin(host);
    if (!what) return fail(errc::overloaded, "Too many names are being looked up.");
    return wait_for(*what, deadline, stop);
  };
}

resolver system_resolver() { return bounded_resolver(ask_system); }

}  // namespace usher::outbox
