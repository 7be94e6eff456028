// What HTTP alone costs with Beast: a keep-alive server that answers every request with the same 400 bytes of JSON.
//
//   bare_server PORT THREADS
//
// It listens on 127.0.0.1; port 0 picks a free one, and the line `listening on …` tells it. Each thread has an
// io_context of its own and an acceptor on the shared port, so that no connection is ever touched by two threads.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using executor = asio::io_context::executor_type;
using stream_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using stream_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
template <class T>
using task = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> awaiting{};

constexpr std::size_t body_bytes = 400;

std::string answer_body() {
  std::string body = R"({"status":"open","filler":")";
  body.append(body_bytes - body.size() - 2, '.');
  return body + "\"}";
}

task<void> serve(stream_socket socket, const std::string& body) {
  boost::beast::flat_buffer buffer;
  boost::system::error_code failed;
  auto into = asio::redirect_error(awaiting, failed);
  for (bool keep_alive = true; keep_alive;) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, into);
    if (failed) break;
    http::response<http::string_body> response(http::status::ok, request.version());
    response.set(http::field::content_type, "application/json");
    response.keep_alive(keep_alive = request.keep_alive());
    response.body() = body;
    response.prepare_payload();
    co_await http::async_write(socket, response, into);
    if (failed) break;
  }
}

task<void> accept(stream_acceptor& acceptor, asio::io_context& io, const std::string& body) {
  for (;;) {
    stream_socket socket(io);
    co_await acceptor.async_accept(socket, awaiting);
    socket.set_option(asio::ip::tcp::no_delay(true));
    asio::co_spawn(io, serve(std::move(socket), body), asio::detached);
  }
}

/// One thread's part of the server.
struct lane {
  lane(const asio::ip::tcp::endpoint& where, const std::string& body) : acceptor(io) {
    using shared_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    acceptor.open(where.protocol());
    acceptor.set_option(shared_port(true));
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen();
    asio::co_spawn(io, accept(acceptor, io, body), asio::detached);
  }
  asio::io_context io{1};
  stream_acceptor acceptor;
};

int run(unsigned short port, unsigned threads) {
  const auto body = answer_body();
  std::vector<std::unique_ptr<lane>> lanes;
  asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  for (unsigned i = 0; i < threads; ++i) {
    lanes.push_back(std::make_unique<lane>(where, body));
    where = lanes.front()->acceptor.local_endpoint();
  }
  asio::signal_set signals(lanes.front()->io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) {
    for (auto& each : lanes) each->io.stop();
  });
  std::cout << "listening on http://127.0.0.1:" << where.port() << std::endl;
  std::vector<std::jthread> rest;
  for (std::size_t i = 1; i < lanes.size(); ++i) rest.emplace_back([&io = lanes[i]->io] { io.run(); });
  lanes.front()->io.run();
  return 0;
}

bool read_number(std::string_view text, unsigned most, unsigned& out) {
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size() && out <= most;
}

}  // namespace

int main(int argc, char** argv) {
  unsigned port = 0;
  unsigned threads = 0;
  if (argc != 3 || !read_number(argv[1], 65535, port) || !read_number(argv[2], 256, threads) || threads == 0) {
    std::cerr << "usage: bare_server PORT THREADS\n";
    return 2;
  }
  try {
    return run(static_cast<unsigned short>(port), threads);
  } catch (const std::exception& problem) {
    std::cerr << "bare_server: " << problem.what() << '\n';
    return 1;
  }
}
