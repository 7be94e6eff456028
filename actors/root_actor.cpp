#include "actors/root_actor.hpp"

#include "actors/shard_actor.hpp"
#include "metrics/log/log.hpp"

namespace usher::actors {

root_actor::root_actor(actor_type* self, desk_parts* desk, shard_table* shards, ladder* levels, staff* people,
                       reload_shard reload)
    : self_(self), desk_(*desk), shards_(*shards), ladder_(*levels), staff_(*people), reload_(std::move(reload)) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::desk);
}

root_actor::~root_actor() { desk_.metrics.actor_stopped(metrics::actor_kind::desk); }

caf::behavior root_actor::make_behavior() {
  for (std::size_t index = 0; index < shards_.size(); ++index) start_shard(index);
  for (int level : {domain::level_max, domain::emergency_level}) start_level(level);
  start_roster();
  return {
      [this](const roster_down& m) {
        if (!m.crashed) return;
        log::error("the roster crashed and is started again", {{"reason", m.reason}});
        desk_.metrics.actor_restarted(metrics::actor_kind::roster);
        start_roster();
      },
      [this](const level_down& m) {
        if (!m.crashed) return;
        log::error("a level of the ladder crashed and is started again", {{"level", m.level}, {"reason", m.reason}});
        desk_.metrics.actor_restarted(metrics::actor_kind::level);
        start_level(m.level);
      },
      [this](const shard_down& m) { on_down(m); },
      [this](const stop_desk&) { on_stop(); },
  };
}

void root_actor::start_shard(std::size_t index) {
  auto shard = self_->spawn<shard_actor::actor_type>(&desk_, index);
  shard->attach_functor([me = caf::actor_cast<caf::actor>(self_), index](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, shard_down{index, crashed, crashed ? to_string(reason) : std::string{}});
  });
  shards_.set(index, std::move(shard));
}

void root_actor::start_level(int level) {
  auto actor = self_->spawn<level_actor::actor_type>(&desk_, &ladder_, level);
  actor->attach_functor([me = caf::actor_cast<caf::actor>(self_), level](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, level_down{level, crashed, crashed ? to_string(reason) : std::string{}});
  });
}

void root_actor::start_roster() {
  auto actor = self_->spawn<roster_actor::actor_type>(&desk_, &staff_);
  actor->attach_functor([me = caf::actor_cast<caf::actor>(self_)](const caf::error& reason) {
    bool crashed = reason && reason != caf::exit_reason::user_shutdown;
    caf::anon_send(me, roster_down{crashed, crashed ? to_string(reason) : std::string{}});
  });
  staff_.roster.set(0, std::move(actor));
}

void root_actor::on_down(const shard_down& m) {
  if (!m.crashed) return;
  log::error("a shard crashed and is started again", {{"shard", m.index}, {"reason", m.reason}});
  desk_.metrics.actor_restarted(metrics::actor_kind::shard);
  start_shard(m.index);
  reload_(m.index);
}

void root_actor::on_stop() {
  for (std::size_t index = 0; index < shards_.size(); ++index) self_->send(shards_.at(index), stop_desk{});
  for (int level : {domain::level_max, domain::emergency_level})
    if (auto actor = ladder_.levels.at(domain::level_index(level))) self_->send(actor, stop_desk{});
  self_->send(staff_.roster.at(0), stop_desk{});
  self_->quit(caf::exit_reason::user_shutdown);
}

}  // namespace usher::actors
