#include "loadtest/http_client.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

namespace usher::load {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

namespace {

constexpr std::size_t response_bytes_max = std::size_t{16} << 20U;

bool all_loopback(const target& where, std::string& why) {
  asio::io_context io;
  tcp::resolver resolver(io);
  error_code failed;
  auto found = resolver.resolve(where.host, where.port, failed);
  if (failed) {
    why = "can't resolve " + where.host + ": " + failed.message();
    return false;
  }
  bool all = std::all_of(found.begin(), found.end(),
                         [](const auto& entry) { return entry.endpoint().address().is_loopback(); });
  if (!all) why = where.host + " is not this machine; --allow-remote if it is yours to load";
  return all;
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
  unsigned count = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{count};
}

}  // namespace

std::expected<target, std::string> parse_target(std::string_view url, bool allow_remote) {
  constexpr std::string_view scheme = "http://";
  auto bad = [&] { return std::unexpected("'" + std::string(url) + "' is not http://HOST:PORT"); };
  if (!url.starts_with(scheme)) return bad();
  auto rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@") != std::string_view::npos) return bad();
  target where{std::string(rest), "80"};
  auto colon = rest.rfind(':');
  bool has_port = colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  if (has_port) {
    where.host = rest.substr(0, colon);
    where.port = rest.substr(colon + 1);
  }
  if (where.host.starts_with('[') && where.host.ends_with(']'))
    where.host = where.host.substr(1, where.host.size() - 2);
  if (where.host.empty() || !seconds_of(where.port)) return bad();
  std::string why;
  if (!allow_remote && !all_loopback(where, why)) return std::unexpected(why);
  return where;
}

std::expected<target, std::string> resolve(const target& where) {
  asio::io_context io;
  error_code failed;
  auto found = tcp::resolver(io).resolve(where.host, where.port, failed);
  if (failed || found.empty()) return std::unexpected("can't resolve " + where.host + ": " + failed.message());
  const auto endpoint = found.begin()->endpoint();
  return target{endpoint.address().to_string(), std::to_string(endpoint.port())};
}

std::string host_header(const target& where) {
  bool v6 = where.host.find(':') != std::string::npos;
  return (v6 ? "[" + where.host + "]" : where.host) + ":" + where.port;
}

// Asynchronous operations, waited for one at a time: Asio's blocking ones know no time limit.
struct http_client::connection {
  connection(target to, std::chrono::milliseconds limit) : where(std::move(to)), time_limit(limit), stream(io) {}

  /// Runs what has been started to its end.
  void finish() {
    io.restart();
    io.run();
  }

  error_code open() {
    if (stream.socket().is_open()) return {};
    error_code failed;
    auto found = tcp::resolver(io).resolve(where.host, where.port, failed);
    if (failed) return failed;
    stream.async_connect(found, [&](error_code result, const tcp::endpoint&) { failed = result; });
    finish();
    if (!failed) stream.socket().set_option(tcp::no_delay(true), failed);
    return failed;
  }

  error_code write(const http::request<http::string_body>& request) {
    error_code failed;
    http::async_write(stream, request, [&](error_code result, std::size_t) { failed = result; });
    finish();
    return failed;
  }

  error_code read(http::response_parser<http::string_body>& parser) {
    error_code failed;
    http::async_read(stream, buffer, parser, [&](error_code result, std::size_t) { failed = result; });
    finish();
    return failed;
  }

  void close() {
    error_code ignored;
    stream.socket().close(ignored);
    buffer.clear();
  }

  target where;
  std::chrono::milliseconds time_limit;
  asio::io_context io{1};
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
};

http_client::http_client(target where, std::chrono::milliseconds time_limit)
    : connection_(std::make_unique<connection>(std::move(where), time_limit)) {}

http_client::~http_client() = default;

std::expected<http_response, std::string> http_client::send(const http_request& what) {
  auto& c = *connection_;
  http::request<http::string_body> request(http::string_to_verb({what.method.data(), what.method.size()}), what.path,
                                           11);
  request.set(http::field::host, host_header(c.where));
  if (!what.token.empty()) request.set(http::field::authorization, "Bearer " + std::string(what.token));
  if (!what.idempotency_key.empty()) request.set("Idempotency-Key", what.idempotency_key);
  if (!what.body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = what.body;
  }
  request.prepare_payload();

  http::response_parser<http::string_body> parser;
  parser.body_limit(response_bytes_max);
  c.stream.expires_after(c.time_limit);
  auto failed = c.open();
  if (!failed) failed = c.write(request);
  if (!failed) failed = c.read(parser);
  if (failed) {
    c.close();
    return std::unexpected(failed.message());
  }
  auto answer = parser.release();
  http_response out;
  out.status = static_cast<int>(answer.result_int());
  auto retry_after = answer[http::field::retry_after];
  if (!retry_after.empty()) out.retry_after = seconds_of({retry_after.data(), retry_after.size()});
  out.replayed = answer["Idempotent-Replayed"] == "true";
  out.body = std::move(answer.body());
  if (!answer.keep_alive()) c.close();
  return out;
}

}  // namespace usher::load
