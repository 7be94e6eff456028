#include "tests/support/http_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test_record.hpp"

namespace usher::test {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Int>
std::optional<Int> to_number(std::string_view text) {
  Int value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The status line and the headers, without the empty line.
std::optional<http_response> parse_head(std::string_view head) {
  http_response out;
  bool first = true;
  while (!head.empty()) {
    auto end = head.find("\r\n");
    auto line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    if (first) {
      first = false;
      if (!line.starts_with("HTTP/1.1 ") || line.size() < 12) return std::nullopt;
      auto status = to_number<int>(line.substr(9, 3));
      if (!status) return std::nullopt;
      out.status = *status;
      continue;
    }
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    out.headers.emplace_back(lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  }
  return out;
}

}  // namespace

std::optional<std::string> http_response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

http_client::http_client(endpoint where, std::chrono::milliseconds time_limit)
    : where_(std::move(where)), time_limit_(time_limit) {}

http_client::~http_client() { close(); }

http_client::http_client(http_client&& other) noexcept
    : where_(std::move(other.where_)),
      time_limit_(other.time_limit_),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)) {}

void http_client::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  buffer_.clear();
}

int http_client::milliseconds_left() const {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

bool http_client::connect() {
  if (fd_ >= 0 && !is_stale()) return true;
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where_->load());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket API is made that way
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

// Between two exchanges a server has nothing to say: what is readable is its good-bye.
bool http_client::is_stale() const {
  pollfd ready{fd_, POLLIN, 0};
  return ::poll(&ready, 1, 0) != 0;
}

bool http_client::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd ready{fd_, POLLOUT, 0};
    if (::poll(&ready, 1, milliseconds_left()) <= 0) return false;
    auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool http_client::read_more() {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, milliseconds_left()) <= 0) return false;
  std::array<char, 16384> chunk{};
  auto got = ::recv(fd_, chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

std::expected<http_response, std::string> http_client::read_response(bool head_only) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::unexpected(milliseconds_left() == 0 ? "late" : "cut");
  }
  auto response = parse_head(std::string_view(buffer_).substr(0, end));
  if (!response) return std::unexpected("not HTTP: " + buffer_.substr(0, end));
  buffer_.erase(0, end + 4);
  auto length_text = response->header("content-length");
  std::size_t length = 0;
  if (length_text) {
    auto read = to_number<std::size_t>(*length_text);
    if (!read) return std::unexpected("bad Content-Length: " + *length_text);
    length = *read;
  } else if (response->status != 204 && response->status != 304 && !head_only) {
    return std::unexpected("an answer without Content-Length");
  }
  if (head_only || response->status == 304) length = 0;
  while (buffer_.size() < length) {
    if (!read_more()) return std::unexpected(milliseconds_left() == 0 ? "late" : "cut");
  }
  response->body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return *response;
}

std::expected<http_response, std::string> http_client::send_raw(std::string_view bytes, bool head_only) {
  deadline_ = std::chrono::steady_clock::now() + time_limit_;
  if (!connect()) {
    close();
    return std::unexpected("refused");
  }
  // A server may answer and close before it has read everything, so the answer is looked for even then.
  bool written = write_all(bytes);
  auto response = read_response(head_only);
  bool ends = response && response->header("connection").value_or("") == "close";
  if (!response || !written || ends) close();
  return response;
}

std::expected<http_response, std::string> http_client::send(std::string_view method, std::string_view target,
                                                            const header_list& headers, std::string_view body) {
  std::string bytes;
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  for (const auto& [name, value] : headers) bytes.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  bytes.append("\r\n").append(body);
  record_sent(body);
  return send_raw(bytes, method == "HEAD");
}

}  // namespace usher::test
