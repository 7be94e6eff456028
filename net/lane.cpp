#include "net/lane.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "net/response_writer.hpp"
#include "net/session.hpp"

namespace usher::net {

lane::lane(const front_door& door, const router& routes, door_state& state)
    : routes_(routes), state_(state), with_(door) {}

bool door_state::take(std::uint64_t address, std::size_t most) {
  if (most == 0 || address == uncounted) return true;
  std::scoped_lock guard(mutex_);
  auto& count = of_address_[address];
  if (count >= most) return false;
  ++count;
  return true;
}

void door_state::give_back(std::uint64_t address) noexcept {
  std::scoped_lock guard(mutex_);
  const auto found = of_address_.find(address);
  if (found != of_address_.end() && --found->second == 0) of_address_.erase(found);
}

void lane::adopt(stream_socket socket, std::uint64_t address) {
  const auto* tls = with_.door.tls;
  auto made = std::make_shared<session>(std::move(socket), tls == nullptr ? nullptr : tls->identity(),
                                        shared_from_this(), address);
  asio::post(context_, [made = std::move(made)] { made->start(); });
}

void lane::drain() {
  asio::post(context_, [self = shared_from_this()] {
    const auto all = self->sessions_;
    for (auto* s : all) s->close_if_idle();
  });
}

void lane::run() {
  refresh_date();
  schedule_sweep();
  const auto keep = asio::make_work_guard(context_);
  context_.run();
  // After `stop`: whoever still waits is woken up by the end of its socket, so that nothing keeps itself alive.
  context_.restart();
  const auto left = sessions_;
  for (auto* s : left) s->cut();
  timer_.cancel();
  context_.poll();
}

void lane::stop() {
  stopped_.store(true, std::memory_order_release);
  context_.stop();
}

void lane::enter(session& s) {
  s.slot = sessions_.size();
  sessions_.push_back(&s);
}

void lane::leave(session& s) noexcept {
  sessions_[s.slot] = sessions_.back();
  sessions_[s.slot]->slot = s.slot;
  sessions_.pop_back();
  state_.give_back(s.address);
  state_.connections.fetch_sub(1, std::memory_order_acq_rel);
}

void lane::refresh_date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(with_.now().time_since_epoch());
  date_ = http_date(now.count());
}

void lane::schedule_sweep() {
  timer_.expires_after(with_.door.bounds.sweep_interval);
  timer_.async_wait([this](error_code ec) {
    if (ec) return;
    refresh_date();
    sweep();
    schedule_sweep();
  });
}

void lane::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (auto* s : sessions_) {
    s->close_if_late(now);
    if (draining()) s->close_if_idle();
  }
}

}  // namespace usher::net
