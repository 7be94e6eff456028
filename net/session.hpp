// One connection: reads a header, judges it, reads the body, has it handled, and writes the answer; one request at a
// time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/gateway.hpp"
#include "net/asio.hpp"
#include "net/client_stream.hpp"
#include "net/exchange.hpp"
#include "net/lane.hpp"
#include "net/problem.hpp"

namespace usher::net {

class session final : public exchange, public std::enable_shared_from_this<session> {
 public:
  using clock = std::chrono::steady_clock;

  /// Under TLS when there is an identity. `address` is the peer's `address_key`.
  session(stream_socket socket, const tls_identity& identity, std::shared_ptr<lane> home, std::uint64_t address);
  ~session() override;

  /// On the lane's thread: serves until the connection ends.
  void start();
  /// By the lane's sweep: ends the connection when it is past its deadline. Whoever has begun a request is told first.
  void close_if_late(clock::time_point now) noexcept;
  /// Closes the connection if no request has begun.
  void close_if_idle() noexcept;
  /// Ends the connection, whatever it is doing; an answer that is still to come is dropped.
  void cut() noexcept;

  /// Where the lane keeps it.
  std::size_t slot = 0;
  const std::uint64_t address;

  [[nodiscard]] const request& in() const noexcept override { return in_; }
  void answer(response what) override;
  [[nodiscard]] std::string take_buffer() noexcept override;

 private:
  /// Capacity that is kept between requests; more is given back.
  static constexpr std::size_t spare_bytes_max = 64 * 1024;

  /// What the connection waits for; the deadline goes with it.
  enum class phase { handshake, idle, header, body, desk, write, linger, stream };

  static task<void> serve(std::shared_ptr<session> self);
  task<bool> shake_hands();
  task<void> say_goodbye();
  task<bool> serve_one();
  task<bool> read_head();
  task<bool> read_body(std::size_t length);
  task<bool> read_some();
  task<bool> skip(std::size_t bytes);
  task<void> dispatch(handler call);
  task<bool> write(response& what);
  task<bool> write_all();
  task<bool> follow(std::shared_ptr<event_source> source);
  task<bool> refuse(const refusal& why);
  task<bool> end_late();
  task<void> linger();

  [[nodiscard]] bool begin_request(std::size_t head_size);
  void end_request();
  void name_request();
  void deliver(response what);
  void report(const response& what);
  void enter(phase next) noexcept;
  void look_at_stream(clock::time_point now) noexcept;
  [[nodiscard]] bool may_follow(clock::time_point now);
  [[nodiscard]] std::array<asio::const_buffer, 2> unsent(std::size_t sent) const noexcept;
  [[nodiscard]] std::string_view received() const noexcept { return {input_.data() + begin_, end_ - begin_}; }

  [[nodiscard]] stream_socket& socket() noexcept { return stream_.socket(); }

  client_stream stream_;
  std::shared_ptr<lane> home_;
  const limits& bounds_;
  phase phase_ = phase::idle;
  clock::time_point deadline_;

  std::vector<char> input_;  ///< what has been received, from `begin_` to `end_`
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  ///< of the header that has not come to its end
  std::string long_body_;    ///< a body that did not fit into `input_`
  std::string made_id_;      ///< the request's id, when the caller gave none
  std::string remote_;
  std::string client_;     ///< of a request that a trusted proxy has handed on
  bool is_proxy_ = false;  ///< the peer is one
  request in_;
  bool close_after_ = false;
  bool late_ = false;  ///< the deadline of a header or a body has passed; what comes now is not read

  using event_news = domain::result<std::vector<event_line>>;
  std::unique_ptr<event_news> news_;  ///< of the events that are followed
  bool beat_ = false;                 ///< the stream was quiet for long
  bool gone_ = false;                 ///< nobody reads the stream any more
  bool ended_ = false;                ///< whoever reads it may not any more
  clock::time_point right_until_{};   ///< when that is looked at again

  bool waited_ = false;  ///< the answer did not come from the handler itself
  std::optional<response> answer_;
  std::move_only_function<void()> resume_;  ///< of the coroutine that waits for the answer
  std::string output_;
  std::string_view constant_;  ///< what follows `output_`, when the answer has a constant body
  std::string spare_;          ///< the capacity of the last body
};

}  // namespace usher::net
