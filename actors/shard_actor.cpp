#include "actors/shard_actor.hpp"

#include <utility>

#include "actors/ticket_actor.hpp"
#include "metrics/log/log.hpp"

namespace usher::actors {

shard_actor::shard_actor(actor_type* self, desk_parts* desk, std::size_t index)
    : self_(self), desk_(*desk), index_(index) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::shard);
}

shard_actor::~shard_actor() {
  for (auto& [id, e] : tickets_) {
    if (e.actor) caf::anon_send_exit(e.actor, caf::exit_reason::user_shutdown);
  }
  desk_.metrics.actor_stopped(metrics::actor_kind::shard);
}

caf::behavior shard_actor::make_behavior() {
  return {
      [this](perform_request& m) { on_request(std::move(m.request)); },
      [this](const timers_due& m) { on_timers(*m.timers); },
      [this](const adopt_tickets& m) { on_adopt(*m.tickets, m.counted); },
      [this](ticket_loaded& m) { on_loaded(m); },
      [this](const retry_load& m) { load(m.id); },
      [this](const wants_to_leave& m) { on_wants_to_leave(m.id); },
      [this](const stays& m) { on_stays(m.id); },
      [this](const ticket_down& m) { on_down(m); },
      [this](const stop_desk&) { self_->quit(caf::exit_reason::user_shutdown); },
  };
}

// -- requests and timers ----------------------------------------------------------------------------------------------

void shard_actor::on_request(request_ptr request) {
  auto id = request->id;
  auto found = tickets_.find(id);
  if (found == tickets_.end()) {
    if (quarantined_.contains(id)) return request->answer(domain::fail(domain::errc::quarantined));
    // Who only borrows the state has no command.
    bool creates = !request->borrower && std::holds_alternative<domain::create_ticket>(request->what.command);
    found = tickets_.emplace(id, entry{}).first;
    if (creates) {
      found->second.actor = bring_to_life(id, nullptr);
    } else {
      found->second.held = std::make_unique<std::vector<request_ptr>>();
      load(id);
    }
  }
  auto& e = found->second;
  if (!e.held) return self_->send(e.actor, perform_request{std::move(request)});
  if (e.held->size() >= desk_.limits.ticket_stash_max)
    request->answer(domain::fail(domain::errc::overloaded));
  else
    e.held->push_back(std::move(request));
}

void shard_actor::on_timers(const std::vector<due_timer>& timers) {
  for (const auto& timer : timers) {
    auto found = tickets_.find(timer.id);
    if (found != tickets_.end() && found->second.actor)
      self_->send(found->second.actor, deadline_due{timer.generation, timer.when});
  }
}

void shard_actor::on_adopt(const std::vector<domain::ticket_ptr>& tickets, bool counted) {
  for (const auto& ticket : tickets) {
    if (tickets_.contains(ticket->id)) {
      desk_.tickets_recovered.fetch_add(1);
      continue;
    }
    tickets_[ticket->id].actor = bring_to_life(ticket->id, ticket);
    if (!counted) desk_.metrics.ticket_loaded(*ticket);
  }
}

// -- loading ----------------------------------------------------------------------------------------------------------

void shard_actor::load(domain::ticket_id id) {
  auto answer = [me = caf::actor_cast<caf::actor>(self_), id](domain::result<std::vector<domain::ticket_ptr>> found) {
    ticket_loaded m{id, nullptr, std::nullopt};
    if (!found)
      m.failure = std::move(found.error());
    else if (!found->empty())
      m.ticket = std::move(found->front());
    caf::anon_send(me, std::move(m));
  };
  auto deadline = desk_.clock.steady_now() + std::chrono::seconds(5);
  desk_.reader.load_tickets({id}, {}, deadline, domain::completion<std::vector<domain::ticket_ptr>>(std::move(answer)));
}

void shard_actor::on_loaded(ticket_loaded& m) {
  auto found = tickets_.find(m.id);
  if (found == tickets_.end() || found->second.actor) return;
  if (m.failure) {
    answer_held(m.id, *m.failure);
    // Somebody has to watch its clocks again once the store is back, whoever asked for it.
    self_->delayed_send(self_, desk_.limits.retry_delay, retry_load{m.id});
  } else if (!m.ticket) {
    answer_held(m.id, domain::error(domain::errc::not_found));
    tickets_.erase(m.id);
  } else {
    // What was committed when its actor crashed is counted now.
    if (auto counted = desk_.directory.find(m.id)) desk_.metrics.ticket_reloaded(*counted, *m.ticket);
    found->second.actor = bring_to_life(m.id, std::move(m.ticket));
    release_held(found->second);
  }
}

void shard_actor::answer_held(domain::ticket_id id, const domain::error& why) {
  auto& e = tickets_[id];
  if (!e.held) return;
  for (const auto& request : std::exchange(*e.held, {})) request->answer(std::unexpected(why));
}

void shard_actor::release_held(entry& e) {
  auto held = std::exchange(e.held, nullptr);
  if (!held) return;
  for (auto& request : *held) self_->send(e.actor, perform_request{std::move(request)});
}

// -- leaving and crashing ---------------------------------------------------------------------------------------------

void shard_actor::on_wants_to_leave(domain::ticket_id id) {
  auto found = tickets_.find(id);
  if (found == tickets_.end() || !found->second.actor) return;
  if (!found->second.held) found->second.held = std::make_unique<std::vector<request_ptr>>();
  self_->send(found->second.actor, may_leave{});
}

void shard_actor::on_stays(domain::ticket_id id) {
  auto found = tickets_.find(id);
  if (found != tickets_.end()) release_held(found->second);
}

void shard_actor::on_down(const ticket_down& m) {
  auto found = tickets_.find(m.id);
  if (found == tickets_.end()) return;
  found->second.actor = nullptr;
  if (m.crashed) return on_crash(m);
  desk_.directory.remove(m.id);
  if (found->second.held && !found->second.held->empty())
    load(m.id);
  else
    tickets_.erase(found);
}

void shard_actor::on_crash(const ticket_down& m) {
  log::error("a ticket's actor crashed", {{"ticket_id", to_string(m.id)}, {"reason", m.reason}});
  if (!may_restart(m.id)) return quarantine(m.id, m.reason);
  desk_.metrics.actor_restarted(metrics::actor_kind::ticket);
  auto& e = tickets_[m.id];
  if (!e.held) e.held = std::make_unique<std::vector<request_ptr>>();
  load(m.id);
}

bool shard_actor::may_restart(domain::ticket_id id) {
  auto now = desk_.clock.now();
  auto& recent = crashes_[id];
  while (!recent.empty() && recent.front() + desk_.limits.restart_window < now) recent.pop_front();
  recent.push_back(now);
  return recent.size() <= desk_.limits.restarts_max;
}

// Its last committed state stays readable in the directory; changes are refused until the desk starts again.
void shard_actor::quarantine(domain::ticket_id id, const std::string& reason) {
  log::error("a ticket is quarantined", {{"ticket_id", to_string(id)}, {"reason", reason}});
  answer_held(id, domain::error(domain::errc::quarantined));
  tickets_.erase(id);
  crashes_.erase(id);
  quarantined_.insert(id);
  store::alert_write alert{"ticket_quarantined",
                           "critical",
                           "the ticket's actor crashed too often and takes no more changes: " + reason,
                           id,
                           std::nullopt,
                           desk_.clock.now()};
  if (auto last = desk_.directory.find(id)) alert.organization = last->organization;
  auto told = [id](domain::result<std::monostate> result) {
    if (!result) log::error("a quarantine's alert was not stored", {{"ticket_id", to_string(id)}});
  };
  desk_.raise(std::move(alert), domain::completion<std::monostate>(told));
}

// -- helpers ----------------------------------------------------------------------------------------------------------

caf::actor shard_actor::bring_to_life(domain::ticket_id id, domain::ticket_ptr loaded) {
  auto me = caf::actor_cast<caf::actor>(self_);
  auto ticket = self_->spawn<ticket_actor::actor_type>(&desk_, me, index_, id, std::move(loaded));
  ticket->attach_functor([me, id](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::normal && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, ticket_down{id, crashed, crashed ? to_string(reason) : std::string{}});
  });
  return ticket;
}

}  // namespace usher::actors
