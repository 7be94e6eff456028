#include "actors/roster_actor.hpp"

#include <algorithm>

#include "metrics/log/log.hpp"

namespace usher::actors {

namespace {

constexpr auto wheel_of_roster = static_cast<std::size_t>(staff_wheel::roster);

}  // namespace

roster_actor::roster_actor(actor_type* self, desk_parts* desk, staff* all) : self_(self), desk_(*desk), staff_(*all) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::roster);
}

roster_actor::~roster_actor() {
  staff_.timers.cancel(wheel_of_roster, timer_);
  for (auto& [id, actor] : agents_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  desk_.metrics.actor_stopped(metrics::actor_kind::roster);
}

caf::behavior roster_actor::make_behavior() {
  if (staff_.begun) on_begin();
  return {
      [this](const roster_begins&) { on_begin(); },
      [this](const agents_changed& m) { on_changed(*m.ids); },
      [this](const news_of_board& m) { on_news(*m.news); },
      [this](const staff_timers_due& m) { on_timers(m.wheel, *m.timers); },
      [this](const agent_down& m) { on_down(m); },
      [this](const stop_desk&) { self_->quit(caf::exit_reason::user_shutdown); },
  };
}

void roster_actor::on_begin() {
  auto settings = desk_.settings.get();
  for (const auto& [id, a] : settings->agents)
    if (!agents_.contains(id)) start_agent(id);
  arm();
}

void roster_actor::on_changed(const std::vector<std::string>& ids) {
  if (!staff_.begun) return;
  // While a desk has no agents nothing waits for one; from the first one on, all do.
  if (agents_.empty()) desk_.directory.for_each([this](const domain::ticket_ptr& t) { staff_.board.loaded(t); });
  for (const auto& id : ids) {
    if (auto known = agent(id))
      self_->send(known, agent_changed{});
    else
      start_agent(id);
  }
  arm();
}

void roster_actor::on_news(const board_news& news) {
  for (const auto& id : news.wake)
    if (auto who = agent(id)) self_->send(who, agent_wakes{});
  if (news.sign_owed)
    if (auto who = agent(staff_.board.holder_of(*news.sign_owed))) self_->send(who, sign_owed{*news.sign_owed});
  if (news.astray)
    if (auto who = agent(staff_.board.holder_of(*news.astray))) self_->send(who, hand_on{*news.astray, news.cause});
  if (news.waits && timer_.index == timer_handle::none) arm();
}

void roster_actor::on_timers(std::size_t wheel, const std::vector<due_timer>& timers) {
  for (const auto& timer : timers) {
    if (wheel == static_cast<std::size_t>(staff_wheel::agents)) {
      auto found = names_.find(timer.id);
      if (found == names_.end()) continue;
      if (auto who = agent(found->second)) self_->send(who, agent_timer{timer.generation});
    } else if (wheel == static_cast<std::size_t>(staff_wheel::silences)) {
      if (auto who = agent(staff_.board.holder_of(timer.id))) self_->send(who, silence_due{timer.id, timer.generation});
    } else if (timer.generation == generation_) {
      timer_ = {};
      relax();
    }
  }
}

void roster_actor::start_agent(const std::string& id) {
  auto actor = self_->spawn<agent_actor::actor_type>(&desk_, &staff_.timers, id);
  actor->attach_functor([me = caf::actor_cast<caf::actor>(self_), id](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, agent_down{id, crashed, crashed ? to_string(reason) : std::string{}});
  });
  names_[timer_name(id)] = id;
  agents_.insert_or_assign(id, std::move(actor));
}

void roster_actor::on_down(const agent_down& m) {
  if (!m.crashed) return;
  log::error("an agent's actor crashed and is started again", {{"agent", m.id}, {"reason", m.reason}});
  desk_.metrics.actor_restarted(metrics::actor_kind::agent);
  start_agent(m.id);
}

caf::actor roster_actor::agent(const std::string& id) const {
  auto found = agents_.find(id);
  return found == agents_.end() ? nullptr : found->second;
}

// -- what nobody suits ------------------------------------------------------------------------------------------------

void roster_actor::relax() {
  auto unserved = staff_.board.relax();
  in_vain_.insert(in_vain_.end(), unserved.begin(), unserved.end());
  tell_of_those_who_wait();
  arm();
}

void roster_actor::tell_of_those_who_wait() {
  std::erase_if(in_vain_, [this](const domain::ticket_ptr& t) {
    auto now = desk_.directory.find(t->id);
    return !now || !now->counts_as_open() || !now->assignee_id.empty();
  });
  auto now = desk_.clock.now();
  if (in_vain_.empty() || (told_at_ && *told_at_ + alert_pause > now)) return;
  const auto& t = in_vain_.front();
  std::string detail = "nobody is available for this ticket";
  if (in_vain_.size() > 1) detail += ", and for " + std::to_string(in_vain_.size() - 1) + " more";
  store::alert_write alert{"assignment_failed", "warning", std::move(detail), t->id, t->organization, now};
  auto told = [id = t->id](domain::result<std::monostate> result) {
    if (!result) log::error("the alert of a failed assignment was not stored", {{"ticket_id", to_string(id)}});
  };
  desk_.writer.submit({std::move(alert), store::steady_time::max(), domain::completion<std::monostate>(told)});
  told_at_ = now;
  in_vain_.clear();
}

void roster_actor::arm() {
  auto next = staff_.board.next_relax();
  if (!in_vain_.empty() && told_at_) {
    auto again = *told_at_ + alert_pause;
    next = next ? std::min(*next, again) : again;
  }
  staff_.timers.cancel(wheel_of_roster, timer_);
  timer_ = {};
  if (next) timer_ = staff_.timers.arm(wheel_of_roster, timer_name(""), *next, ++generation_);
}

}  // namespace usher::actors
