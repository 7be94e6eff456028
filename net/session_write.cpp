// The part of a session that sends answers.
#include <boost/asio/redirect_error.hpp>

#include "metrics/log/log.hpp"
#include "net/cors.hpp"
#include "net/response_writer.hpp"
#include "net/session.hpp"

namespace usher::net {

task<bool> session::write(response& what) {
  close_after_ = close_after_ || what.close || what.events != nullptr || home_->draining();
  output_.clear();
  if (const auto& origins = home_->with().door.cors_origins; !origins.empty()) add_cors(what, in_, origins);
  // The answer to HEAD has the header of GET's, with its coding and its length.
  if (in_.head.codings.prefers_gzip() && is_compressible(what)) home_->gzip().compress(what);
  write_response(output_, what,
                 {in_.request_id, home_->date(), in_.caller_rate, in_.organization_rate, in_.how == method::head,
                  close_after_, stream_.is_tls()});
  report(what);
  if (what.body.capacity() > spare_.capacity() && what.body.capacity() <= spare_bytes_max)
    spare_ = std::move(what.body);
  if (in_.how != method::head) constant_ = what.constant_body;
  auto events = in_.how == method::head ? nullptr : std::move(what.events);
  bool sent = co_await write_all();
  if (sent && events) sent = co_await follow(std::move(events));
  co_return sent;
}

/// What follows the first `sent` bytes of an answer.
std::array<asio::const_buffer, 2> session::unsent(std::size_t sent) const noexcept {
  const auto of_output = std::min(sent, output_.size());
  const auto rest = constant_.substr(sent - of_output);
  return {asio::buffer(output_.data() + of_output, output_.size() - of_output), asio::buffer(rest.data(), rest.size())};
}

/// Most answers fit into the socket's buffer: they go without a round through the io_context.
task<bool> session::write_all() {
  error_code ec;
  const auto size = output_.size() + constant_.size();
  std::size_t sent = 0;
  if (!stream_.is_tls()) {
    sent = socket().write_some(unsent(0), ec);
    if (ec && ec != asio::error::would_block) co_return false;
    if (ec) sent = 0;
    if (sent == size) co_return true;
  }
  enter(phase::write);
  while (sent < size) {
    const auto rest = unsent(sent);
    const auto count = co_await stream_.async_write_some(rest, asio::redirect_error(awaiting, ec));
    if (ec) co_return false;
    sent += count;
  }
  co_return true;
}

void session::report(const response& what) {
  const auto& door = home_->with().door;
  const std::chrono::duration<double> took = clock::now() - in_.received_at;
  if (door.watcher != nullptr) door.watcher->request_done(in_.route, in_.how, what.status, took.count());
  const auto level = what.status >= 500 && !what.shed ? log::level::warn : log::level::debug;
  if (!log::enabled(level)) return;
  log::write(level, "request",
             {{"request_id", in_.request_id},
              {"method", to_word(in_.how)},
              {"path", in_.path},
              {"status", what.status},
              {"seconds", took.count()},
              {"remote", in_.client_address},
              {"traceparent", in_.head.traceparent}});
}

}  // namespace usher::net
