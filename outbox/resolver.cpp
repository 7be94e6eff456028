// The system's name service under a time limit.
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
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

}  // namespace

resolver bounded_resolver(blocking_lookup look_up, int lookups_max) {
  auto running = std::make_shared<std::atomic<int>>(0);
  auto shared_look_up = std::make_shared<const blocking_lookup>(std::move(look_up));
  return [running, shared_look_up, lookups_max](const std::string& host, steady_time deadline,
                                                const std::stop_token& stop) -> domain::result<std::vector<address>> {
    auto what = std::make_shared<lookup>();
    what->host = host;
    if (running->fetch_add(1) >= lookups_max) {
      running->fetch_sub(1);
      return fail(errc::overloaded, "Too many names are being looked up.");
    }
    try {
      // Nobody can end a lookup: one that is given up owns what it still touches.
      std::thread([what, running, shared_look_up] {
        run(*what, *shared_look_up);
        running->fetch_sub(1);
      }).detach();
    } catch (const std::system_error&) {
      running->fetch_sub(1);
      return fail(errc::overloaded, "No thread is left to look a name up.");
    }
    return wait_for(*what, deadline, stop);
  };
}

resolver system_resolver() { return bounded_resolver(ask_system); }

}  // namespace usher::outbox
