#include "actors/level_actor.hpp"

#include "metrics/log/log.hpp"

namespace usher::actors {

level_actor::level_actor(actor_type* self, desk_parts* desk, ladder* all, int level)
    : self_(self), desk_(*desk), ladder_(*all), level_(level), index_(domain::level_index(level)) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::level);
}

level_actor::~level_actor() {
  for (const auto& [id, w] : watched_) ladder_.timers.cancel(index_, w.timer);
  desk_.metrics.actor_stopped(metrics::actor_kind::level);
}

caf::behavior level_actor::make_behavior() {
  ladder_.levels.set(index_, caf::actor_cast<caf::actor>(self_));
  start_level_below();
  find_what_waits();
  return {
      [this](const escalation_waits& m) { on_waits(m); },
      [this](const timers_due& m) { on_timers(*m.timers); },
      [this](const level_down& m) {
        if (!m.crashed) return;
        log::error("a level of the ladder crashed and is started again", {{"level", m.level}, {"reason", m.reason}});
        desk_.metrics.actor_restarted(metrics::actor_kind::level);
        start_level_below();
      },
      [this](const stop_desk& m) {
        if (level_ > 1 && level_ <= domain::level_max) self_->send(ladder_.levels.at(index_ - 1), m);
        self_->quit(caf::exit_reason::user_shutdown);
      },
  };
}

// The emergency protocol stands beside the ladder: nobody is below it.
void level_actor::start_level_below() {
  if (level_ == 1 || level_ > domain::level_max) return;
  auto below = level_ - 1;
  auto child = self_->spawn<level_actor::actor_type>(&desk_, &ladder_, below);
  child->attach_functor([me = caf::actor_cast<caf::actor>(self_), below](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, level_down{below, crashed, crashed ? to_string(reason) : std::string{}});
  });
}

void level_actor::find_what_waits() {
  desk_.directory.for_each([this](const domain::ticket_ptr& ticket) {
    for (const auto& e : ticket->escalations)
      if (e.level == level_ && e.waits()) on_waits({ticket->id, *e.hand_up_at});
  });
}

// A ticket may have several clocks at this level: the earliest counts, and what remains is told again after it.
void level_actor::on_waits(const escalation_waits& m) {
  auto& w = watched_[m.ticket];
  if (w.generation != 0 && w.due <= m.hand_up_at) return;
  if (w.generation != 0) ladder_.timers.cancel(index_, w.timer);
  w.due = m.hand_up_at;
  w.generation = ++generations_;
  w.timer = ladder_.timers.arm(index_, m.ticket, m.hand_up_at, w.generation);
}

void level_actor::on_timers(const std::vector<due_timer>& timers) {
  for (const auto& timer : timers) {
    auto found = watched_.find(timer.id);
    if (found == watched_.end() || found->second.generation != timer.generation) continue;
    watched_.erase(found);
    hand_up(timer.id);
  }
}

void level_actor::hand_up(domain::ticket_id ticket) {
  auto request = std::make_shared<ticket_request>();
  request->id = ticket;
  request->what.id = ticket;
  request->what.by = domain::caller::system();
  request->what.command = domain::hand_up{level_};
  request->what.deadline = std::chrono::steady_clock::time_point::max();
  auto done = [me = caf::actor_cast<caf::actor>(self_), ticket, level = level_,
               again = desk_.clock.now() + desk_.limits.retry_delay](domain::result<outcome> result) {
    if (!result && result.error().code == domain::errc::not_found) return;
    if (!result) return caf::anon_send(me, escalation_waits{ticket, again});
    // What waits on another of its clocks.
    for (const auto& e : result->what.after->escalations)
      if (e.level == level && e.waits()) caf::anon_send(me, escalation_waits{ticket, *e.hand_up_at});
  };
  desk_.loans.fetch_add(1);
  request->slot = std::make_shared<answer_slot>(domain::completion<outcome>(std::move(done)), desk_.loans);
  desk_.send(std::move(request));
}

}  // namespace usher::actors
