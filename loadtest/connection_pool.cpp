#include "loadtest/connection_pool.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace usher::load {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

namespace {

constexpr std::size_t response_bytes_max = std::size_t{16} << 20U;
constexpr asio::use_awaitable_t<lane_executor> awaiting{};
using lane_timer = asio::basic_waitable_timer<steady, asio::wait_traits<steady>, lane_executor>;

wire_failure failure_of(error_code why) {
  return why == beast::error::timeout ? wire_failure::timed_out : wire_failure::cut;
}

}  // namespace

struct connection_pool::connection {
  explicit connection(asio::io_context& io) : stream(io.get_executor()) {}

  beast::basic_stream<tcp, lane_executor> stream;
  beast::flat_buffer buffer;
  bool used = false;        ///< an exchange went well on it before
  bool got_bytes = false;   ///< of the current answer
  bool keep_alive = false;  ///< after the current answer
};

struct connection_pool::waiter {
  explicit waiter(asio::io_context& io) : timer(io.get_executor()) {}
  lane_timer timer;
  connection_ptr given;
  bool may_open = false;
};

connection_pool::connection_pool(asio::io_context& io, pool_settings settings)
    : io_(io), settings_(std::move(settings)) {}

connection_pool::~connection_pool() = default;

std::string connection_pool::serialize(const wire_request& what, bool stream) const {
  std::string out;
  out.reserve(256 + what.token.size() + what.body.size());
  out.append(what.method).append(" ").append(what.target).append(" HTTP/1.1\r\nHost: ").append(settings_.host);
  if (!what.token.empty()) out.append("\r\nAuthorization: Bearer ").append(what.token);
  if (!what.key.empty()) out.append("\r\nIdempotency-Key: ").append(what.key);
  if (stream) out.append("\r\nAccept: text/event-stream");
  if (!what.body.empty()) out.append("\r\nContent-Type: application/json");
  if (!what.body.empty() || what.method != "GET")
    out.append("\r\nContent-Length: ").append(std::to_string(what.body.size()));
  out.append("\r\n\r\n").append(what.body);
  return out;
}

task<connection_pool::connection_ptr> connection_pool::acquire(steady::time_point deadline) {
  if (!idle_.empty()) {
    auto c = std::move(idle_.back());
    idle_.pop_back();
    co_return c;
  }
  if (open_ == settings_.connections) {
    auto place = std::make_shared<waiter>(io_);
    waiting_.push_back(place);
    place->timer.expires_at(deadline);
    error_code ignored;
    co_await place->timer.async_wait(asio::redirect_error(awaiting, ignored));
    if (place->given) co_return std::move(place->given);
    if (!place->may_open) {
      std::erase(waiting_, place);
      co_return nullptr;
    }
  } else {
    ++open_;
  }
  co_return std::make_shared<connection>(io_);
}

// A closed connection leaves its place to whoever waits first.
void connection_pool::release(connection_ptr c, bool reusable) {
  if (!reusable) {
    error_code ignored;
    c->stream.socket().close(ignored);
    c.reset();
  }
  if (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next->may_open = !c;
    next->given = std::move(c);
    next->timer.cancel();
  } else if (c) {
    idle_.push_back(std::move(c));
  } else {
    --open_;
  }
}

task<bool> connection_pool::connect(connection& c) {
  error_code failed;
  co_await c.stream.async_connect(settings_.where, asio::redirect_error(awaiting, failed));
  if (!failed) c.stream.socket().set_option(tcp::no_delay(true), failed);
  c.used = false;
  c.buffer.clear();
  co_return !failed;
}

task<wire_answer> connection_pool::ask(connection& c, const std::string& bytes, bool head) {
  wire_answer out;
  error_code failed;
  auto into = asio::redirect_error(awaiting, failed);
  c.got_bytes = false;
  http::response_parser<http::string_body> parser;
  parser.body_limit(response_bytes_max);
  co_await asio::async_write(c.stream, asio::buffer(bytes), into);
  if (!failed && head) {
    co_await http::async_read_header(c.stream, c.buffer, parser, into);
  } else if (!failed) {
    co_await http::async_read(c.stream, c.buffer, parser, into);
  }
  out.done = steady::now();
  c.got_bytes = parser.got_some();
  if (failed) {
    out.failure = failure_of(failed);
    co_return out;
  }
  out.status = static_cast<int>(parser.get().result_int());
  c.keep_alive = parser.keep_alive();
  c.used = true;
  if (!head) out.body = std::move(parser.get().body());
  co_return out;
}

task<wire_answer> connection_pool::exchange(wire_request what) {
  wire_answer out;
  auto deadline = steady::now() + settings_.timeout;
  auto c = co_await acquire(deadline);
  out.sent = steady::now();
  if (!c) {
    out.done = out.sent;
    out.failure = wire_failure::timed_out;
    co_return out;
  }
  const auto bytes = serialize(what, false);
  c->stream.expires_at(deadline);
  bool kept = c->stream.socket().is_open();
  bool ready = kept || co_await connect(*c);
  const auto sent = out.sent;
  if (ready) {
    out = co_await ask(*c, bytes, false);
    if (out.failure == wire_failure::cut && kept && !c->got_bytes) {
      error_code ignored;
      c->stream.socket().close(ignored);
      ready = co_await connect(*c);
      if (ready) out = co_await ask(*c, bytes, false);
    }
  }
  out.sent = sent;
  if (!ready) {
    out.done = steady::now();
    out.failure = out.done >= deadline ? wire_failure::timed_out : wire_failure::cut;
  }
  c->stream.expires_never();
  bool reusable = out.failure == wire_failure::none && c->keep_alive;
  release(std::move(c), reusable);
  co_return out;
}

task<wire_answer> connection_pool::listen(wire_request what, nanoseconds hold, std::uint64_t& events) {
  wire_answer out;
  connection c(io_);
  out.sent = steady::now();
  c.stream.expires_after(settings_.timeout);
  const auto bytes = serialize(what, true);
  if (!co_await connect(c)) {
    out.done = steady::now();
    out.failure = out.done - out.sent >= settings_.timeout ? wire_failure::timed_out : wire_failure::cut;
    co_return out;
  }
  const auto sent = out.sent;
  out = co_await ask(c, bytes, true);
  out.sent = sent;
  if (out.failure != wire_failure::none || out.status != 200) co_return out;
  c.stream.expires_after(std::chrono::duration_cast<steady::duration>(hold));
  // An event ends with an empty line; chunks' frames hold none.
  error_code failed;
  char before = 0;
  auto count = [&](std::string_view part) {
    for (char byte : part) {
      if (byte == '\n' && before == '\n') ++events;
      before = byte;
    }
  };
  while (!failed) {
    auto have = c.buffer.data();
    count({static_cast<const char*>(have.data()), have.size()});
    c.buffer.consume(have.size());
    auto room = c.buffer.prepare(16 * 1024);
    auto size = co_await c.stream.async_read_some(room, asio::redirect_error(awaiting, failed));
    c.buffer.commit(size);
  }
  co_return out;
}

}  // namespace usher::load
