#include "actors/agent_actor.hpp"

#include <algorithm>
#include <utility>

#include "metrics/log/log.hpp"

namespace usher::actors {

namespace {

/// How far ahead the next beginning or end of a shift is looked for; further away it is looked for again.
constexpr std::chrono::hours shift_horizon{24 * 8};

constexpr auto wheel_of_agents = static_cast<std::size_t>(staff_wheel::agents);
constexpr auto wheel_of_silences = static_cast<std::size_t>(staff_wheel::silences);

domain::calendar_ptr calendar_of(const domain::desk_settings& settings, const domain::agent& a) {
  if (!a.calendar) return nullptr;
  auto found = settings.calendars.find(*a.calendar);
  return found == settings.calendars.end() ? nullptr : found->second;
}

}  // namespace

agent_actor::agent_actor(actor_type* self, desk_parts* desk, timer_service* timers, std::string id)
    : self_(self), desk_(*desk), timers_(*timers), id_(std::move(id)), present_since_(desk->clock.now()) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::agent);
}

agent_actor::~agent_actor() {
  timers_.cancel(wheel_of_agents, timer_);
  for (const auto& [ticket, w] : owed_) timers_.cancel(wheel_of_silences, w.timer);
  desk_.metrics.actor_stopped(metrics::actor_kind::agent);
}

caf::behavior agent_actor::make_behavior() {
  auto settings = desk_.settings.get();
  if (const auto* who = me(*settings)) presence_ = who->presence;
  // Who was not there at the last look does not lose its tickets by that.
  if (const auto* who = me(*settings))
    if (auto calendar = calendar_of(*settings, *who)) on_shift_ = calendar->is_open(desk_.clock.now());
  for (const auto& ticket : desk_.board->tickets_of(id_)) watch(ticket);
  look_at_the_time();
  take();
  return {
      [this](const agent_changed&) { on_changed(); },           [this](const agent_wakes& m) { on_wake(m.later); },
      [this](const agent_timer& m) { on_timer(m.generation); }, [this](const sign_owed& m) { watch(m.ticket); },
      [this](const silence_due& m) { on_silence(m); },          [this](const hand_on& m) { on_hand_on(m); },
  };
}

const domain::agent* agent_actor::me(const domain::desk_settings& settings) const {
  auto found = settings.agents.find(id_);
  return found == settings.agents.end() ? nullptr : &found->second;
}

void agent_actor::on_changed() {
  auto settings = desk_.settings.get();
  const auto* who = me(*settings);
  if (who == nullptr) return;
  auto before = std::exchange(presence_, who->presence);
  if (before != presence_) present_since_ = desk_.clock.now();
  bool left = before != domain::presence::offline && presence_ == domain::presence::offline;
  if (left) let_go_of_all("offline");
  look_at_the_time();
  take();
}

void agent_actor::on_wake(bool later) {
  if (later)
    self_->delayed_send(self_, desk_.limits.retry_delay, agent_wakes{});
  else
    take();
}

// A store that is away refuses at once: asking again at once would only burn the time that it needs.
void agent_actor::on_hand_on(const hand_on& m) {
  if (m.later)
    self_->delayed_send(self_, desk_.limits.retry_delay, hand_on{m.ticket, m.cause});
  else
    let_go(m.ticket, m.cause);
}

// -- tickets ----------------------------------------------------------------------------------------------------------

void agent_actor::take() {
  if (!works()) return;
  while (auto found = desk_.board->take_for(id_)) {
    auto note = std::make_shared<const domain::assignment_note>(
        domain::assignment_note{"waiting", std::move(found->choice.who)});
    give(found->ticket->id, {{}, id_, std::move(note), std::move(found->choice.hold)});
  }
}

void agent_actor::watch(domain::ticket_id ticket) {
  forget(ticket);
  if (!works()) return;
  auto t = desk_.directory.find(ticket);
  if (!t || t->assignee_id != id_) return;
  auto ends = domain::silence_ends_at(*t, desk_.board->rules().silence_percent);
  if (!ends) return;
  auto& w = owed_[ticket];
  w.generation = ++generations_;
  w.timer = timers_.arm(wheel_of_silences, ticket, *ends, w.generation);
}

void agent_actor::forget(domain::ticket_id ticket) {
  auto found = owed_.find(ticket);
  if (found == owed_.end()) return;
  timers_.cancel(wheel_of_silences, found->second.timer);
  owed_.erase(found);
}

// The ticket may have been paused, or have another target by now: then the time is another one.
void agent_actor::on_silence(const silence_due& m) {
  auto found = owed_.find(m.ticket);
  if (found == owed_.end() || found->second.generation != m.generation) return;
  owed_.erase(found);
  auto t = desk_.directory.find(m.ticket);
  if (!t || t->assignee_id != id_) return;
  auto ends = domain::silence_ends_at(*t, desk_.board->rules().silence_percent);
  if (ends && *ends > desk_.clock.now()) return watch(m.ticket);
  if (ends) let_go(m.ticket, "silent");
}

void agent_actor::let_go_of_all(const std::string& cause) {
  for (const auto& ticket : desk_.board->tickets_of(id_)) let_go(ticket, cause);
}

void agent_actor::let_go(domain::ticket_id ticket, const std::string& cause) {
  auto t = desk_.directory.find(ticket);
  bool returned = cause == "reopened";
  if (!works() || !t || t->assignee_id != id_ || (!returned && !domain::owes_answer(*t))) return;
  auto settings = desk_.settings.get();
  auto taken = t->taken_from ? t->taken_from->size() : 0;
  bool enough = taken >= static_cast<std::size_t>(desk_.board->rules().take_backs_max);
  bool protocol = t->escalation_level == domain::emergency_level;
  auto needs = needs_of(*t, *settings,
                        enough     ? domain::choice_kind::supervisor
                        : protocol ? domain::choice_kind::emergency
                                   : domain::choice_kind::best);
  if (t->taken_from) needs.without = *t->taken_from;
  needs.without.push_back(id_);
  auto chosen = desk_.board->choose(*t, needs);
  domain::give_ticket command;
  command.from = id_;
  domain::assignment_note note{cause, {}};
  if (chosen) {
    command.to = chosen->who.agent_id;
    note.choice = std::move(chosen->who);
    command.hold = std::move(chosen->hold);
  } else if (returned || cause == "silent") {
    // Better somebody who is slow than nobody: the ladder goes on, and here it is tried again.
    if (!returned) self_->delayed_send(self_, std::chrono::minutes(1), hand_on{ticket, cause});
    return;
  }
  command.note = std::make_shared<const domain::assignment_note>(std::move(note));
  give(ticket, std::move(command));
}

void agent_actor::give(domain::ticket_id ticket, domain::give_ticket command) {
  auto request = std::make_shared<ticket_request>();
  request->id = ticket;
  request->what.id = ticket;
  request->what.by = domain::caller::system();
  auto cause = command.from.empty() ? std::string() : command.note->cause;
  request->what.command = std::move(command);
  request->what.deadline = std::chrono::steady_clock::time_point::max();
  auto done = [me = caf::actor_cast<caf::actor>(self_), ticket, cause](domain::result<outcome> result) {
    if (result || result.error().code == domain::errc::not_found) return;
    if (cause.empty()) return caf::anon_send(me, agent_wakes{true});
    caf::anon_send(me, hand_on{ticket, cause, true});
  };
  desk_.loans.fetch_add(1);
  request->slot = std::make_shared<answer_slot>(domain::completion<outcome>(std::move(done)), desk_.loans);
  desk_.send(std::move(request));
}

// -- time -------------------------------------------------------------------------------------------------------------

void agent_actor::on_timer(std::uint32_t generation) {
  if (generation != generations_of_timer_) return;
  look_at_the_time();
  take();
}

void agent_actor::look_at_the_time() {
  auto settings = desk_.settings.get();
  const auto* who = me(*settings);
  if (who == nullptr) return;
  auto now = desk_.clock.now();
  auto calendar = calendar_of(*settings, *who);
  bool was_on_shift = std::exchange(on_shift_, !calendar || calendar->is_open(now));
  desk_.board->set_on_shift(id_, on_shift_);
  if (was_on_shift && !on_shift_) let_go_of_all("shift_ended");

  std::optional<domain::instant> next;
  if (calendar && !calendar->is_always_open()) {
    auto stretches = calendar->stretches(now, now + shift_horizon, 1);
    next = stretches.empty() ? now + shift_horizon : stretches.front().to;
  }
  auto lapses = desk_.board->rules().presence_lapses;
  if (presence_ != domain::presence::offline && lapses.count() > 0) {
    auto at = std::max(present_since_, desk_.board->last_seen(id_)) + lapses;
    if (at <= now) {
      log::info("an agent's presence lapses", {{"agent", id_}});
      desk_.set_presence(id_,
                         presence_ == domain::presence::online ? domain::presence::away : domain::presence::offline);
      at = now + lapses;
    }
    next = next ? std::min(*next, at) : at;
  }
  timers_.cancel(wheel_of_agents, timer_);
  timer_ = {};
  generations_of_timer_ = ++generations_;
  if (next) timer_ = timers_.arm(wheel_of_agents, timer_name(id_), *next, generations_of_timer_);
}

}  // namespace usher::actors
