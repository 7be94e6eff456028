#include "tests/loadtest/measured_server.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <thread>

namespace usher::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct measured_server::inside {
  explicit inside(behaviour h) : how(std::move(h)), acceptor(io, {asio::ip::address_v4::loopback(), 0}) {
    port = acceptor.local_endpoint().port();
    asio::co_spawn(io, accept(), asio::detached);
    thread = std::thread([this] { io.run(); });
  }
  ~inside() {
    io.stop();
    thread.join();
  }

  asio::awaitable<void> accept() {
    for (;;) {
      tcp::socket socket(io);
      boost::system::error_code failed;
      co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
      if (failed) co_return;
      socket.set_option(tcp::no_delay(true), failed);
      asio::co_spawn(io, serve(std::move(socket)), asio::detached);
    }
  }

  measured_answer decide(const http::request<http::string_body>& request) {
    measured_request asked{std::string(request.method_string()), std::string(request.target()), {}, request.body()};
    std::string authorization(request[http::field::authorization]);
    if (authorization.starts_with("Bearer ")) asked.token = authorization.substr(7);
    std::uint64_t number = 0;
    {
      std::scoped_lock guard(mutex);
      number = ++total;
      ++by_target[asked.target.substr(0, asked.target.find('?'))];
    }
    return how(asked, number);
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code failed;
    auto into = asio::redirect_error(asio::use_awaitable, failed);
    for (bool keep_alive = true; keep_alive;) {
      http::request<http::string_body> request;
      co_await http::async_read(socket, buffer, request, into);
      if (failed) co_return;
      auto answer = decide(request);
      // A stall is what it says: this thread is the server, and it does nothing.
      if (answer.stall.count() > 0) std::this_thread::sleep_for(answer.stall);
      if (answer.delay.count() > 0) {
        asio::steady_timer timer(io, answer.delay);
        co_await timer.async_wait(into);
      }
      if (answer.cut) co_return;
      http::response<http::string_body> response(http::int_to_status(static_cast<unsigned>(answer.status)), 11);
      response.set(http::field::content_type, "application/json");
      response.keep_alive(keep_alive = request.keep_alive());
      response.body() = answer.body;
      response.prepare_payload();
      co_await http::async_write(socket, response, into);
      if (failed) co_return;
    }
  }

  behaviour how;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  unsigned short port = 0;
  mutable std::mutex mutex;
  std::uint64_t total = 0;
  std::map<std::string, std::uint64_t> by_target;
  std::thread thread;
};

measured_server::measured_server(behaviour how) : inside_(std::make_unique<inside>(std::move(how))) {}
measured_server::~measured_server() = default;

std::string measured_server::url() const { return "http://127.0.0.1:" + std::to_string(inside_->port); }
unsigned short measured_server::port() const noexcept { return inside_->port; }

std::uint64_t measured_server::count(const std::string& target) const {
  std::scoped_lock guard(inside_->mutex);
  if (target.empty()) return inside_->total;
  auto found = inside_->by_target.find(target);
  return found == inside_->by_target.end() ? 0 : found->second;
}

}  // namespace usher::test
