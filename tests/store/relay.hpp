// A relay between the store and the server, on a socket of its own, that cuts where a test says.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace usher::test {

/// Where to cut, once; later connections pass untouched until the next order.
enum class cut : std::uint8_t {
  none,
  before_commit,  ///< the COMMIT is not handed on
  after_commit,   ///< the COMMIT is handed on, its answer is not
  after_bytes,    ///< so many bytes from the client are handed on, then nothing
};

class relay {
 public:
  /// `directory` gets the listening socket; `server` is the directory of the server's socket.
  relay(const std::filesystem::path& directory, const std::filesystem::path& server);
  ~relay();
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  void order(cut how, std::int64_t bytes = 0);
  [[nodiscard]] bool has_cut() const { return cuts_ > seen_; }

 private:
  void listen_on();
  void serve(int client);
  /// False when the connection is to end.
  bool hand_on(int from, int to, bool is_client, bool& muted);

  std::filesystem::path directory_;
  std::filesystem::path server_;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<cut> how_{cut::none};
  std::atomic<std::int64_t> bytes_left_{0};
  std::atomic<int> cuts_{0};
  std::atomic<int> seen_{0};
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

}  // namespace usher::test
