// The part of a session that sends events, for as long as somebody follows.
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "actors/gateway.hpp"
#include "metrics/log/log.hpp"
#include "net/session.hpp"

namespace usher::net {

namespace {

/// How soon a follower whose connection was lost may come back.
constexpr std::string_view preamble = "retry: 2000\nid: ";
constexpr std::string_view beat = ":\n\n";
/// What shows who follows does not speak for him any more.
constexpr std::string_view end_of_right = "event: end\ndata: {}\n\n";
constexpr auto right_looked_at_every = std::chrono::seconds(1);

void append_event(std::string& out, const event_line& line) {
  out += "id: ";
  out += line.position;
  out += "\nevent: ";
  out += domain::to_word(line.event->type);
  out += "\ndata: ";
  out += line.event->payload;
  out += "\n\n";
}

}  // namespace

/// Always false: the end of the stream is the end of the connection.
task<bool> session::follow(std::shared_ptr<event_source> source) {
  output_.assign(preamble).append(source->start()).append("\n\n");
  constant_ = {};
  bool asked = false;
  while (true) {
    const bool sent = co_await write_all();
    if (!sent) co_return false;
    enter(phase::stream);
    if (!asked) {
      asked = true;
      source->next(domain::completion<std::vector<event_line>>([self = shared_from_this()](auto news) {
        if (self->home_->stopped()) return;
        asio::post(self->home_->context(), [self, news = std::move(news)]() mutable {
          self->news_ = std::make_unique<event_news>(std::move(news));
          if (auto resume = std::exchange(self->resume_, nullptr)) resume();
        });
      }));
    }
    if (!news_ && !beat_ && !gone_) {
      co_await asio::async_initiate<decltype(awaiting), void()>(
          [this](auto done) { resume_ = [waiting = std::move(done)]() mutable { std::move(waiting)(); }; }, awaiting);
    }
    if (gone_) co_return false;
    if (!may_follow(clock::now())) {
      output_ = end_of_right;
      const bool told = co_await write_all();
      if (told) log::debug("a stream has ended with the right to it", {{"request_id", in_.request_id}});
      co_return false;
    }
    output_.clear();
    if (news_) {
      const auto news = std::exchange(news_, nullptr);
      asked = false;
      if (!*news) co_return false;
      for (const auto& line : **news) append_event(output_, line);
    } else {
      output_ = beat;
    }
    beat_ = false;
  }
}

/// A key is revoked, a session ends, a token runs out while the stream goes on.
bool session::may_follow(clock::time_point now) {
  if (!ended_ && now >= right_until_) {
    right_until_ = now + right_looked_at_every;
    ended_ = !still_holds(home_->with(), in_);
  }
  return !ended_;
}

/// By the lane's sweep: ends what nobody reads any more, and lets a quiet stream say that it lives.
void session::look_at_stream(clock::time_point now) noexcept {
  char byte = 0;
  const auto seen = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  gone_ = gone_ || seen == 0 || home_->draining();
  try {
    if (!gone_ && now < deadline_ && may_follow(now)) return;
    beat_ = true;
    if (!resume_) return;
    // Not from here: the lane is looking at all of its sessions, and this one may end.
    asio::post(home_->context(), [self = shared_from_this()] {
      if (auto resume = std::exchange(self->resume_, nullptr)) resume();
    });
  } catch (const std::exception&) {
    beat_ = false;  // out of memory: the next sweep tries again
  }
}

}  // namespace usher::net
