#include "relay.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace usher::test {

namespace {

constexpr int tick_ms = 20;

sockaddr_un address_in(const std::filesystem::path& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto path = (directory / ".s.PGSQL.5432").string();
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the socket's path is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool write_all(int to, const char* data, std::size_t size) {
  while (size > 0) {
    ssize_t put = ::send(to, data, size, MSG_NOSIGNAL);
    if (put <= 0) return false;
    data += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

relay::relay(const std::filesystem::path& directory, const std::filesystem::path& server)
    : directory_(directory), server_(server) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = address_in(directory_);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 16) != 0)
    throw std::runtime_error("the relay can't listen");
  threads_.emplace_back([this] { listen_on(); });
}

relay::~relay() {
  stopping_ = true;
  threads_.front().join();
  threads_.clear();
  ::close(listener_);
}

void relay::order(cut how, std::int64_t bytes) {
  seen_ = cuts_.load();
  bytes_left_ = bytes;
  how_ = how;
}

void relay::listen_on() {
  while (!stopping_) {
    pollfd watched{listener_, POLLIN, 0};
    if (::poll(&watched, 1, tick_ms) <= 0) continue;
    int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::scoped_lock guard(mutex_);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void relay::serve(int client) {
  int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = address_in(server_);
  bool open = ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  bool muted = false;
  while (open && !stopping_) {
    std::array<pollfd, 2> watched{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), tick_ms) <= 0) continue;
    if (watched[0].revents != 0) open = hand_on(client, server, true, muted);
    if (open && watched[1].revents != 0) open = hand_on(server, client, false, muted);
  }
  ::close(client);
  ::close(server);
}

bool relay::hand_on(int from, int to, bool is_client, bool& muted) {
  std::array<char, 16384> piece{};
  ssize_t got = ::recv(from, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  auto size = static_cast<std::size_t>(got);
  if (!is_client) {
    // The server has answered: had it nothing to say, the COMMIT might not have been executed yet.
    if (muted) return false;
    return write_all(to, piece.data(), size);
  }
  auto how = how_.load();
  bool commits = std::string_view(piece.data(), size).find("commit") != std::string_view::npos;
  auto claim = [&] { return how_.compare_exchange_strong(how, cut::none) && ++cuts_ > 0; };
  if (how == cut::before_commit && commits && claim()) return false;
  if (how == cut::after_commit && commits && claim()) muted = true;
  if (how == cut::after_bytes) {
    auto left = bytes_left_.fetch_sub(static_cast<std::int64_t>(size));
    if (left < static_cast<std::int64_t>(size) && claim()) {
      write_all(to, piece.data(), static_cast<std::size_t>(std::max<std::int64_t>(left, 0)));
      return false;
    }
  }
  return write_all(to, piece.data(), size);
}

}  // namespace usher::test
