#include "tests/outbox/local_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace usher::test {

namespace {

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

/// A socket bound to a free port of the loopback address, and the port.
std::pair<int, std::uint16_t> bind_loopback(bool v6) {
  const int socket = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(socket >= 0, "socket");
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (v6) {
    auto& in = reinterpret_cast<sockaddr_in6&>(storage);
    in.sin6_family = AF_INET6;
    in.sin6_addr = in6addr_loopback;
    size = sizeof in;
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof in;
  }
  check(::bind(socket, reinterpret_cast<sockaddr*>(&storage), size) == 0, "bind");
  check(::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) == 0, "getsockname");
  const auto port =
      v6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port : reinterpret_cast<sockaddr_in&>(storage).sin_port;
  return {socket, ntohs(port)};
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

received parse_head(const std::string& head) {
  received out;
  auto end = head.find("\r\n");
  const auto first = head.find(' ');
  const auto second = head.find(' ', first + 1);
  out.method = head.substr(0, first);
  out.target = head.substr(first + 1, second - first - 1);
  while (end != std::string::npos) {
    const auto from = end + 2;
    end = head.find("\r\n", from);
    const auto line = head.substr(from, end == std::string::npos ? end : end - from);
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    out.headers[lower(line.substr(0, colon))] = line.substr(line.find_first_not_of(' ', colon + 1));
  }
  return out;
}

}  // namespace

std::string received::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

received connection::read_request() {
  std::string bytes;
  char buffer[4096];
  received out;
  std::size_t body_at = std::string::npos;
  std::size_t length = 0;
  while (body_at == std::string::npos || bytes.size() < body_at + length) {
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got <= 0) return out;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (body_at != std::string::npos) continue;
    const auto head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    out = parse_head(bytes.substr(0, head_end));
    body_at = head_end + 4;
    const auto declared = out.header("content-length");
    length = declared.empty() ? 0 : std::stoul(declared);
  }
  out.body = bytes.substr(body_at, length);
  server_.keep(out);
  return out;
}

bool connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void connection::reset() {
  const linger abort{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void connection::wait_for_close() {
  char buffer[4096];
  while (::recv(socket_, buffer, sizeof buffer, 0) > 0) {
  }
}

bool connection::closed_within(int ms) {
  pollfd ready{socket_, POLLIN | POLLRDHUP, 0};
  return ::poll(&ready, 1, ms) > 0;
}

local_server::local_server(handler handle, bool v6) : handle_(std::move(handle)), v6_(v6) {
  std::tie(listener_, port_) = bind_loopback(v6);
  check(::listen(listener_, 64) == 0, "listen");
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  check(wake_ >= 0, "eventfd");
  acceptor_ = std::thread([this] { accept_all(); });
}

local_server::~local_server() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
  acceptor_.join();
  {
    std::scoped_lock lock(mutex_);
    for (int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
  ::close(wake_);
}

void local_server::accept_all() {
  while (true) {
    pollfd ready[2] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    ::poll(ready, 2, -1);
    if (ready[1].revents != 0) return;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    std::scoped_lock lock(mutex_);
    const auto entry = sockets_.insert(sockets_.end(), socket);
    threads_.emplace_back([this, entry] {
      connection here(*this, *entry);
      handle_(here);
      std::scoped_lock again(mutex_);
      ::close(*entry);
      sockets_.erase(entry);
    });
  }
}

void local_server::keep(const received& request) {
  std::scoped_lock lock(mutex_);
  requests_.push_back(request);
}

std::string local_server::url() const { return (v6_ ? "http://[::1]:" : "http://127.0.0.1:") + std::to_string(port_); }

std::vector<received> local_server::requests() const {
  std::scoped_lock lock(mutex_);
  return requests_;
}

local_server::handler answering(std::string bytes) {
  return [bytes = std::move(bytes)](connection& c) {
    c.read_request();
    c.send(bytes);
  };
}

std::string response(int status, std::string_view headers, std::string_view body) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n";
  out += headers;
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  out += body;
  return out;
}

dead_port::dead_port() { std::tie(socket_, port_) = bind_loopback(false); }
dead_port::~dead_port() { ::close(socket_); }
std::string dead_port::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

}  // namespace usher::test
