#include "net/server.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "metrics/log/log.hpp"
#include "net/client_address.hpp"
#include "net/lane.hpp"
#include "net/problem.hpp"
#include "net/response_writer.hpp"

namespace usher::net {

namespace {

/// The answer to a connection too many, sent without waiting for its request.
std::string full_answer(std::string_view date, refused_for because) {
  request nobody;
  const auto id = domain::to_string(domain::new_uuid_v7());
  nobody.request_id = id;
  refusal why;
  why.status = 503;
  why.code = "too_many_connections";
  why.detail = because == refused_for::connections ? "Usher serves as many connections as it can already."
                                                   : "There are as many connections from this address as there may be.";
  why.headers = "Retry-After: 1\r\n";
  std::string out;
  write_response(out, make_problem(why, nobody), {.request_id = id, .date = date, .close = true});
  return out;
}

constexpr std::chrono::milliseconds accept_pause{50};
constexpr int accepted_at_once_max = 128;
constexpr std::chrono::milliseconds drain_look{5};

}  // namespace

class server::running {
 public:
  running(front_door d, unsigned io_threads) : door_(std::move(d)), routes_(all_routes()) {
    for (unsigned i = 0; i < std::max(1U, io_threads); ++i)
      lanes_.push_back(std::make_shared<lane>(door_, routes_, state_));
    acceptor_.emplace(lanes_.front()->context());
  }

  std::uint16_t start(const std::string& address, std::uint16_t port) {
    error_code ec;
    const tcp::endpoint at(asio::ip::make_address(address, ec), port);
    if (!ec) acceptor_->open(at.protocol(), ec);
    if (!ec) acceptor_->set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor_->bind(at, ec);
    if (!ec) acceptor_->listen(asio::socket_base::max_listen_connections, ec);
    if (!ec) acceptor_->non_blocking(true, ec);
    // In our own words: Boost's would name its source files.
    if (ec)
      throw std::runtime_error("can't listen on " + address + ", port " + std::to_string(port) + ": " + ec.message());
    const auto real = acceptor_->local_endpoint().port();
    asio::co_spawn(lanes_.front()->context().get_executor(), accept_all(), asio::detached);
    for (auto& l : lanes_) threads_.emplace_back([l] { l->run(); });
    return real;
  }

  void stop_accepting() {
    if (state_.draining.exchange(true)) return;
    asio::post(lanes_.front()->context(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
    });
    for (auto& l : lanes_) l->drain();
  }

  bool drain(std::chrono::milliseconds limit) {
    stop_accepting();
    const auto until = std::chrono::steady_clock::now() + limit;
    while (connections() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(drain_look);
    return connections() == 0;
  }

  void stop() {
    for (auto& l : lanes_) l->stop();
    for (auto& t : threads_) t.join();
    threads_.clear();
    error_code ignored;
    acceptor_->close(ignored);
    lanes_.front()->context().restart();
    lanes_.front()->context().poll();
  }

  [[nodiscard]] std::size_t connections() const noexcept { return state_.connections.load(std::memory_order_acquire); }

 private:
  using acceptor = asio::basic_socket_acceptor<tcp, executor>;

  task<void> accept_all() {
    steady_timer pause(lanes_.front()->context());
    bool failing = false;
    while (acceptor_->is_open()) {
      const auto home = next_lane();
      stream_socket socket(home->context());
      error_code ec;
      co_await acceptor_->async_accept(socket, asio::redirect_error(awaiting, ec));
      if (ec == asio::error::operation_aborted) co_return;
      if (ec) {
        // Out of descriptors, most likely: they come back when connections end. One line tells of it, not twenty a
        // second.
        if (!std::exchange(failing, true)) log::warn("accept failed", {{"reason", ec.message()}});
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(awaiting, ec));
        continue;
      }
      failing = false;
      take_in(std::move(socket), home);
      accept_waiting();
    }
  }

  /// A busy lane comes round to its acceptor only when it has seen to all that is ready: one connection a round would
  /// leave the others in the kernel's queue for as long as the load lasts.
  void accept_waiting() {
    for (int i = 0; i < accepted_at_once_max; ++i) {
      const auto home = next_lane();
      stream_socket socket(home->context());
      error_code ec;
      acceptor_->accept(socket, ec);
      if (ec) return;  // nobody waits; a real fault is met again by the next turn
      take_in(std::move(socket), home);
    }
  }

  std::shared_ptr<lane> next_lane() { return lanes_[turn_++ % lanes_.size()]; }

  void take_in(stream_socket socket, const std::shared_ptr<lane>& home) {
    if (state_.connections.load(std::memory_order_acquire) >= door_.bounds.connections_max)
      return turn_away(socket, refused_for::connections);
    error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    // A proxy brings many clients.
    const bool counted = !ec && !door_.proxies.contains(peer.address());
    const auto address = counted ? address_key(peer.address().to_string()) : door_state::uncounted;
    if (!state_.take(address, door_.bounds.connections_of_address_max))
      return turn_away(socket, refused_for::connections_of_address);
    state_.connections.fetch_add(1, std::memory_order_acq_rel);
    home->adopt(std::move(socket), address);
  }

  /// What has arrived is read first: closing over unread data would reset the connection, and the answer be lost.
  void turn_away(stream_socket& socket, refused_for why) {
    if (door_.watcher != nullptr) door_.watcher->refused(why, "connection");
    error_code ignored;
    if (door_.tls != nullptr) {  // a handshake is more than it is worth
      socket.close(ignored);
      return;
    }
    std::array<char, 2048> unread{};
    socket.non_blocking(true, ignored);
    socket.read_some(asio::buffer(unread), ignored);
    socket.write_some(asio::buffer(full_answer(lanes_.front()->date(), why)), ignored);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  front_door door_;
  router routes_;
  door_state state_;
  std::vector<std::shared_ptr<lane>> lanes_;
  std::optional<acceptor> acceptor_;
  std::size_t turn_ = 0;
  std::vector<std::thread> threads_;
};

server::server(front_door door, unsigned io_threads)
    : running_(std::make_unique<running>(std::move(door), io_threads)) {}
server::~server() { stop(); }

std::uint16_t server::start(const std::string& address, std::uint16_t port) { return running_->start(address, port); }
void server::stop_accepting() { running_->stop_accepting(); }
bool server::drain(std::chrono::milliseconds limit) { return running_->drain(limit); }
void server::stop() { running_->stop(); }
std::size_t server::connections() const noexcept { return running_->connections(); }

}  // namespace usher::net
