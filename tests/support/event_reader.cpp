#include "tests/support/event_reader.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace usher::test {

namespace {

using steady = std::chrono::steady_clock;

std::chrono::milliseconds left_until(steady::time_point deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now());
}

}  // namespace

namespace {

header_list headers_of(const std::string& token, const std::string& last_event_id) {
  header_list out{{"Authorization", "Bearer " + token}};
  if (!last_event_id.empty()) out.emplace_back("Last-Event-ID", last_event_id);
  return out;
}

}  // namespace

event_reader::event_reader(const endpoint& where, const std::string& token, const std::string& query,
                           const std::string& last_event_id)
    : event_reader(where, headers_of(token, last_event_id), query) {}

event_reader::event_reader(const endpoint& where, const header_list& headers, const std::string& query)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where->load());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(fd_);
    throw std::runtime_error("the stream of events can't be reached");
  }
  std::string ask = "GET /api/support/events" + query + " HTTP/1.1\r\nHost: desk\r\n";
  for (const auto& [name, value] : headers) ask.append(name).append(": ").append(value).append("\r\n");
  ask += "\r\n";
  (void)send(fd_, ask.data(), ask.size(), MSG_NOSIGNAL);
  auto deadline = steady::now() + std::chrono::seconds{20};
  std::size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (receive(left_until(deadline))) continue;
    close(fd_);
    throw std::runtime_error("no answer to the stream of events: " + input_);
  }
  if (!input_.starts_with("HTTP/1.1 200")) {
    close(fd_);
    throw std::runtime_error("the stream of events is refused: " + input_);
  }
  input_.erase(0, end + 4);
}

event_reader::~event_reader() { close(fd_); }

bool event_reader::receive(std::chrono::milliseconds at_most) {
  pollfd wait{fd_, POLLIN, 0};
  if (at_most.count() <= 0 || poll(&wait, 1, static_cast<int>(at_most.count())) <= 0) return false;
  char buffer[65536];
  auto count = recv(fd_, buffer, sizeof buffer, 0);
  if (count <= 0) {
    ended_ = true;
    return false;
  }
  input_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

std::optional<sse_event> event_reader::next(std::chrono::milliseconds at_most) {
  auto deadline = steady::now() + at_most;
  while (true) {
    auto end = input_.find("\n\n");
    if (end == std::string::npos) {
      if (!receive(left_until(deadline))) return std::nullopt;
      continue;
    }
    sse_event out;
    for (std::size_t at = 0; at < end;) {
      auto line_end = std::min(input_.find('\n', at), end);
      auto line = input_.substr(at, line_end - at);
      if (line.starts_with("id: ")) last_id_ = out.id = line.substr(4);
      if (line.starts_with("event: ")) out.type = line.substr(7);
      if (line.starts_with("data: ")) out.data = line.substr(6);
      at = line_end + 1;
    }
    input_.erase(0, end + 2);
    if (!out.data.empty()) return out;
  }
}

std::vector<sse_event> event_reader::take(std::size_t count, std::chrono::milliseconds at_most) {
  auto deadline = steady::now() + at_most;
  std::vector<sse_event> all;
  while (all.size() < count) {
    auto event = next(left_until(deadline));
    if (!event) break;
    all.push_back(std::move(*event));
  }
  return all;
}

}  // namespace usher::test
