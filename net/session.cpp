#include "net/session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cstring>
#include <span>

#include "metrics/log/log.hpp"
#include "net/guard.hpp"
#include "net/head_parser.hpp"
#include "net/load_shedding.hpp"
#include "net/problem.hpp"

namespace usher::net {

namespace {

constexpr std::size_t input_bytes_first = 2048;
constexpr std::size_t request_id_characters_max = 128;

constexpr std::size_t traceparent_characters_max = 128;

/// What the kernel holds for a client that does not read, at most (it doubles the number, for what it keeps beside the
/// bytes). Left to itself it takes megabytes for each, and a thousand slow readers of a large file leave no memory of
/// TCP to anybody on the machine.
constexpr int send_buffer_bytes = 128 * 1024;

bool is_printable(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace

session::session(stream_socket socket, const tls_identity& identity, std::shared_ptr<lane> home, std::uint64_t from)
    : address(from), stream_(std::move(socket), identity), home_(std::move(home)), bounds_(home_->with().door.bounds) {
  input_.resize(input_bytes_first);
}

session::~session() = default;

void session::start() {
  error_code ignored;
  socket().set_option(tcp::no_delay(true), ignored);
  socket().set_option(asio::socket_base::send_buffer_size(send_buffer_bytes), ignored);
  socket().non_blocking(true, ignored);
  const auto peer = socket().remote_endpoint(ignored);
  if (!ignored) {
    remote_ = peer.address().to_string();
    is_proxy_ = home_->with().door.proxies.contains(peer.address());
  }
  home_->enter(*this);
  enter(stream_.is_tls() ? phase::handshake : phase::idle);
  asio::co_spawn(socket().get_executor(), serve(shared_from_this()), asio::detached);
}

void session::enter(phase next) noexcept {
  phase_ = next;
  const auto now = clock::now();
  switch (next) {
    case phase::idle:
      deadline_ = now + bounds_.idle_timeout;
      return;
    case phase::handshake:
    case phase::header:
      deadline_ = now + bounds_.header_timeout;
      return;
    case phase::body:
      deadline_ = now + bounds_.body_timeout;
      return;
    case phase::write:
      deadline_ = now + bounds_.write_timeout;
      return;
    case phase::linger:
      deadline_ = now + bounds_.linger_timeout;
      return;
    case phase::stream:
      deadline_ = now + bounds_.event_beat;
      return;
    case phase::desk:
      deadline_ = clock::time_point::max();
      return;  // the desk keeps its own deadline
  }
}

void session::close_if_late(clock::time_point now) noexcept {
  error_code ignored;
  if (phase_ == phase::stream) return look_at_stream(now);
  if (now < deadline_) return;
  if (late_ || (phase_ != phase::header && phase_ != phase::body)) {
    socket().close(ignored);
    return;
  }
  // Wakes up the coroutine that reads, which answers 408; it has to be quick about it.
  late_ = true;
  deadline_ = now + bounds_.linger_timeout;
  socket().cancel(ignored);
}

void session::close_if_idle() noexcept {
  error_code ignored;
  // What has arrived already is a request that gets its answer.
  const bool nothing_yet = phase_ == phase::handshake || (phase_ == phase::idle && begin_ == end_);
  if (nothing_yet && socket().available(ignored) == 0) socket().close(ignored);
}

void session::cut() noexcept {
  error_code ignored;
  socket().close(ignored);
  if (!resume_) return;
  // The coroutine that waits in there owns this session, and never comes to its end.
  const auto self = shared_from_this();
  resume_ = nullptr;
  home_->leave(*this);
}

task<void> session::serve(std::shared_ptr<session> self) {
  try {
    if (co_await self->shake_hands()) {
      while (co_await self->serve_one()) {
      }
      co_await self->say_goodbye();
    }
  } catch (const std::exception& broken) {
    log::error("session failed", {{"request_id", self->in_.request_id}, {"reason", broken.what()}});
  }
  error_code ignored;
  self->socket().close(ignored);
  self->home_->leave(*self);
}

/// False when the client does not get to speak HTTP.
task<bool> session::shake_hands() {
  if (!stream_.is_tls()) co_return true;
  error_code ec;
  co_await stream_.async_handshake(asio::redirect_error(awaiting, ec));
  if (ec) log::debug("no handshake", {{"remote", remote_}, {"reason", ec.message()}});
  co_return !ec;
}

/// Under TLS an end that nobody announces may be an attacker's.
task<void> session::say_goodbye() {
  if (!stream_.is_tls() || !socket().is_open()) co_return;
  enter(phase::linger);
  error_code ignored;
  co_await stream_.async_shutdown(asio::redirect_error(awaiting, ignored));
}

/// One request; false when the connection is to end.
task<bool> session::serve_one() {
  if (!co_await read_head()) co_return co_await end_late();
  const auto& head = in_.head;
  if (const auto no = check_head(head, bounds_)) co_return co_await refuse(*no);
  close_after_ = !head.keep_alive || head.http_1_0 || home_->draining();

  const auto length = static_cast<std::size_t>(head.content_length.value_or(0));
  const route* found = nullptr;
  auto early = admit(home_->routes(), home_->with(), in_, found);
  if (!early) early = refuse_before_body(home_->with(), in_, home_->routes().traits(in_.route), length);
  if (early) {
    // A caller that waits for 100 Continue may send the body or not: there is no telling where the next request begins.
    const bool unsure = length > 0 && !head.expect.empty();
    close_after_ = close_after_ || unsure;
    if (!co_await write(*early)) co_return false;
    if (unsure) co_await linger();
    if (close_after_ || !co_await skip(length)) co_return false;
    end_request();
    co_return true;
  }
  if (length > 0 && !co_await read_body(length)) co_return co_await end_late();
  desk_place place;
  answer_ = take_place(home_->with(), in_, home_->routes().traits(in_.route), place);
  if (!answer_) {
    co_await dispatch(found->call);
    place.leave(clock::now(), waited_ && answer_ && answer_->status < 300);
  }
  auto sent = std::exchange(answer_, std::nullopt);
  if (!sent || !co_await write(*sent)) co_return false;
  if (close_after_) co_return false;
  end_request();
  co_return true;
}

/// Receives more into `input_`, which grows up to the limit of a header. False at the end of the stream.
task<bool> session::read_some() {
  if (end_ == input_.size()) input_.resize(std::min(input_.size() * 2, bounds_.header_bytes_max + input_bytes_first));
  error_code ec;
  const auto space = asio::buffer(input_.data() + end_, input_.size() - end_);
  const auto count = co_await stream_.async_read_some(space, asio::redirect_error(awaiting, ec));
  if (ec || count == 0 || late_) co_return false;
  end_ += count;
  co_return true;
}

task<bool> session::read_head() {
  error_code ec;
  while (true) {
    // A client may end a request with a line break too many (RFC 9112, section 2.2).
    while (scanned_ == 0 && received().starts_with("\r\n")) begin_ += 2;
    if (begin_ == end_) {
      begin_ = end_ = 0;
      if (home_->draining() && socket().available(ec) == 0) co_return false;
      if (phase_ != phase::idle) enter(phase::idle);
      if (!co_await read_some()) co_return false;
      enter(phase::header);
      continue;
    }
    if (phase_ != phase::header) enter(phase::header);
    const auto scan = scan_head(received(), scanned_);
    const bool complete = scan.what == head_scan::outcome::complete;
    const auto size = complete ? scan.size : received().size();
    if (size > bounds_.header_bytes_max && scan.what != head_scan::outcome::hopeless) {
      const auto why = refuse_oversized(received(), bounds_);
      std::ignore = begin_request(0);
      co_return co_await refuse(why);
    }
    if (scan.what != head_scan::outcome::incomplete) {
      if (begin_request(scan.size)) co_return true;
      co_return co_await refuse(refuse_malformed(in_.head));
    }
    if (begin_ > 0) {
      std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (!co_await read_some()) co_return false;
  }
}

/// Parses the header, which stays where it is until the request has been answered: the views of `in_` point into it.
/// False when it has no size, or is not HTTP.
bool session::begin_request(std::size_t head_size) {
  in_.received_at = clock::now();
  in_.head = {};
  in_.body = {};
  in_.path = in_.query = {};
  in_.route = all_routes().size();
  in_.caller = nullptr;
  in_.caller_rate = in_.organization_rate = {};
  in_.remote = remote_;
  const bool parsed = head_size > 0 && parse_head(received().substr(0, head_size), in_.head);
  begin_ += head_size;
  scanned_ = 0;
  in_.client_address = remote_;
  if (is_proxy_ && in_.head.forwarded > 0) {
    client_ = home_->with().door.proxies.client_behind(std::span(in_.head.forwarded_for).first(in_.head.forwarded));
    if (!client_.empty()) in_.client_address = client_;
  }
  in_.how = in_.head.how;
  const auto question = in_.head.target.find('?');
  in_.path = in_.head.target.substr(0, question);
  if (question != std::string_view::npos) in_.query = in_.head.target.substr(question + 1);
  // Answers and the log show the path: only what the guard would let through.
  if (!is_printable(in_.path)) in_.path = {};
  if (in_.head.traceparent.size() > traceparent_characters_max || !is_printable(in_.head.traceparent))
    in_.head.traceparent = {};
  name_request();
  return parsed;
}

void session::name_request() {
  const auto given = in_.head.request_id;
  if (!given.empty() && given.size() <= request_id_characters_max && is_printable(given)) {
    in_.request_id = given;
    return;
  }
  made_id_.clear();
  domain::append_to(made_id_, domain::new_uuid_v7());
  in_.request_id = made_id_;
}

void session::end_request() {
  in_.body = {};
  constant_ = {};
  if (long_body_.capacity() > spare_bytes_max) std::string().swap(long_body_);
  if (output_.capacity() > spare_bytes_max) std::string().swap(output_);
}

/// A body that has come with its header is not copied; any other is gathered in `long_body_`.
task<bool> session::read_body(std::size_t length) {
  const auto here = std::min(length, end_ - begin_);
  if (here == length) {
    in_.body = received().substr(0, length);
    begin_ += length;
    co_return true;
  }
  enter(phase::body);
  long_body_.assign(received().substr(0, here));
  begin_ += here;
  error_code ec;
  if (here == 0 && !in_.head.expect.empty() && !in_.head.http_1_0) {
    output_ = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_all()) co_return false;
    enter(phase::body);
  }
  long_body_.resize(length);
  for (auto at = here; at < length;) {
    const auto space = asio::buffer(long_body_.data() + at, length - at);
    const auto count = co_await stream_.async_read_some(space, asio::redirect_error(awaiting, ec));
    if (ec || count == 0 || late_) co_return false;
    at += count;
  }
  in_.body = long_body_;
  co_return true;
}

/// Drops the body of a request that was refused without it.
task<bool> session::skip(std::size_t bytes) {
  const auto here = std::min(bytes, end_ - begin_);
  begin_ += here;
  bytes -= here;
  if (bytes == 0) co_return true;
  enter(phase::body);
  begin_ = end_ = 0;
  while (bytes > 0) {
    error_code ec;
    const auto space = asio::buffer(input_.data(), std::min(bytes, input_.size()));
    const auto count = co_await stream_.async_read_some(space, asio::redirect_error(awaiting, ec));
    if (ec || count == 0 || late_) co_return false;
    bytes -= count;
  }
  co_return true;
}

task<void> session::dispatch(handler call) {
  enter(phase::desk);
  try {
    call(in_, home_->with(), responder(shared_from_this()));
  } catch (const std::exception& broken) {
    log::error("handler failed", {{"request_id", in_.request_id}, {"reason", broken.what()}});
    answer_ = make_problem(domain::error(domain::errc::internal), in_);
    close_after_ = true;
  }
  waited_ = !answer_;
  if (answer_) co_return;
  co_await asio::async_initiate<decltype(awaiting), void()>(
      [this](auto done) { resume_ = [waiting = std::move(done)]() mutable { std::move(waiting)(); }; }, awaiting);
}

void session::answer(response what) {
  if (socket().get_executor().running_in_this_thread()) return deliver(std::move(what));
  if (home_->stopped()) return;
  asio::post(home_->context(),
             [self = shared_from_this(), out = std::move(what)]() mutable { self->deliver(std::move(out)); });
}

void session::deliver(response what) {
  answer_ = std::move(what);
  if (auto resume = std::exchange(resume_, nullptr)) resume();
}

std::string session::take_buffer() noexcept {
  auto out = std::exchange(spare_, {});
  out.clear();
  return out;
}

/// Always false: what the guard refuses ends the connection.
task<bool> session::refuse(const refusal& why) {
  close_after_ = true;
  auto problem = make_problem(why, in_);
  if (co_await write(problem)) co_await linger();
  co_return false;
}

/// After a header or a body that did not come: 408 when it was too slow. Always false.
task<bool> session::end_late() {
  if (!late_ || (phase_ != phase::header && phase_ != phase::body)) co_return false;
  if (phase_ == phase::header) std::ignore = begin_request(0);
  refusal why;
  why.status = 408;
  why.code = "request_timeout";
  why.detail = phase_ == phase::header ? "The header took too long to arrive." : "The body took too long to arrive.";
  co_return co_await refuse(why);
}

/// Closing a socket with unread data resets the connection, and the client might never see the answer. So the rest is
/// read for a while, and dropped.
task<void> session::linger() {
  error_code ec;
  if (!stream_.is_tls()) socket().shutdown(tcp::socket::shutdown_send, ec);
  enter(phase::linger);
  for (std::size_t dropped = 0; !ec && dropped < bounds_.linger_bytes_max;)
    dropped += co_await stream_.async_read_some(asio::buffer(input_), asio::redirect_error(awaiting, ec));
}

}  // namespace usher::net
