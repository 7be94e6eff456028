// Follows a stream of Server-Sent Events over a socket of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/http_client.hpp"

namespace usher::test {

struct sse_event {
  std::string id;
  std::string type;
  std::string data;
};

/// One connection. Not thread-safe.
class event_reader {
 public:
  /// Connects and asks; throws `std::runtime_error` when the answer is not 200.
  event_reader(const endpoint& where, const std::string& token, const std::string& query = "",
               const std::string& last_event_id = "");
  /// As whoever these headers speak for.
  event_reader(const endpoint& where, const header_list& headers, const std::string& query = "");
  ~event_reader();
  event_reader(const event_reader&) = delete;
  event_reader& operator=(const event_reader&) = delete;

  /// The next event, without the blocks that have none; nothing at the end of the stream or of the time.
  [[nodiscard]] std::optional<sse_event> next(std::chrono::milliseconds at_most = std::chrono::seconds{20});
  /// Events until there are so many; fewer when the time is up.
  [[nodiscard]] std::vector<sse_event> take(std::size_t count,
                                            std::chrono::milliseconds at_most = std::chrono::seconds{30});
  /// The last `id` that came.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  [[nodiscard]] bool receive(std::chrono::milliseconds at_most);

  int fd_ = -1;
  bool ended_ = false;
  std::string input_;
  std::string last_id_;
};

}  // namespace usher::test
