// A client that sends exactly the bytes it is told to, over a plain socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace usher::test {

/// A response as it came. Header names are in lower case; of a header that came twice, the last value is kept.
struct raw_response {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? std::string() : at->second;
  }
};

class raw_client {
 public:
  explicit raw_client(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(10))
      : patience_(patience), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      const int error = errno;
      close(fd_);
      throw std::runtime_error("can't connect: " + std::string(std::strerror(error)));
    }
  }
  raw_client(raw_client&& other) noexcept
      : patience_(other.patience_), fd_(std::exchange(other.fd_, -1)), input_(std::move(other.input_)) {}
  raw_client& operator=(raw_client&&) = delete;
  ~raw_client() {
    if (fd_ >= 0) close(fd_);
  }

  /// False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void finish_sending() { shutdown(fd_, SHUT_WR); }

  /// The next response; nothing when the server closes first. `head` says that no body follows whatever the length.
  std::optional<raw_response> read(bool head = false) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return std::nullopt;
    auto out = parse(std::string_view(input_).substr(0, end + 2));
    input_.erase(0, end + 4);
    const auto length = out.header("content-length");
    const std::size_t size = head || length.empty() ? 0 : std::stoul(length);
    while (input_.size() < size)
      if (!receive()) return std::nullopt;
    out.body = input_.substr(0, size);
    input_.erase(0, size);
    return out;
  }

  std::optional<raw_response> ask(std::string_view bytes, bool head = false) {
    send(bytes);
    return read(head);
  }

  /// What comes up to the next empty line: an event of a stream. Nothing when the server closes first.
  std::optional<std::string> read_block() {
    std::size_t end = 0;
    while ((end = input_.find("\n\n")) == std::string::npos)
      if (!receive()) return std::nullopt;
    auto out = input_.substr(0, end);
    input_.erase(0, end + 2);
    return out;
  }

  /// Whether the server closes, with nothing more to read.
  bool is_closed() {
    while (receive()) {
    }
    return input_.empty() && ended_;
  }
  /// As much as the kernel takes now.
  std::size_t send_some(std::string_view bytes) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  [[nodiscard]] bool wait_writable(std::chrono::milliseconds time) const {
    pollfd wait{fd_, POLLOUT, 0};
    return poll(&wait, 1, static_cast<int>(time.count())) > 0;
  }
  /// Waits for anything to read; false when `time` has passed without.
  bool wait_readable(std::chrono::milliseconds time) const {
    pollfd wait{fd_, POLLIN, 0};
    return poll(&wait, 1, static_cast<int>(time.count())) > 0;
  }

 private:
  static raw_response parse(std::string_view text) {
    raw_response out;
    out.status = std::stoi(std::string(text.substr(9, 3)));
    text.remove_prefix(text.find("\r\n") + 2);
    while (!text.empty()) {
      const auto line = text.substr(0, text.find("\r\n"));
      text.remove_prefix(line.size() + 2);
      const auto colon = line.find(": ");
      std::string name(line.substr(0, colon));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      out.headers[name] = line.substr(colon + 2);
    }
    return out;
  }

  bool receive() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(patience_.count())) <= 0) return false;
    char buffer[16384];
    const auto count = recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    input_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  std::chrono::milliseconds patience_;
  int fd_;
  bool ended_ = false;
  std::string input_;
};

}  // namespace usher::test
