#include "actors/desk.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/caf_compat.hpp"
#include "actors/desk_gateway.hpp"
#include "actors/recovery_loader.hpp"
#include "actors/root_actor.hpp"
#include "actors/roster_actor.hpp"
#include "actors/shard_actor.hpp"
#include "domain/webhook_change.hpp"
#include "metrics/log/log.hpp"

#include <caf/scheduler/test_coordinator.hpp>

namespace usher::actors {

namespace {

// Work sharing: idle workers of the default policy poll, which on few cores takes the time of those who have work.
struct system_config : caf::actor_system_config {
  system_config(std::size_t workers, bool single_threaded) {
    set("caf.scheduler.policy", single_threaded ? "testing" : "sharing");
    set("caf.scheduler.max-threads", workers);
    set("caf.scheduler.max-throughput", std::size_t{64});
  }
};

void init_meta_objects() {
  static std::once_flag once;
  std::call_once(once, [] {
    caf::init_global_meta_objects<caf::id_block::usher>();
    caf::core::init_global_meta_objects();
  });
}

/// How far back it is looked who has worked for which customer.
constexpr std::chrono::hours remembered{24 * 90};

}  // namespace

struct desk::engine {
  engine(const domain::clock_port& clock, store::writer& writer, store::reader& reader,
         metrics::desk_metrics& desk_metrics, desk_options given)
      : options(std::move(given)),
        timers(clock, options.limits.shards),
        parts{clock,
              writer,
              reader,
              desk_metrics,
              directory,
              timers,
              {},
              options.limits,
              options.fault,
              [this](request_ptr request) {
                auto shard = shards.at(shard_of(request->id, shards.size()));
                caf::anon_send(shard, perform_request{std::move(request)});
              }},
        shards(options.limits.shards),
        levels(clock),
        people(clock, options.assignment),
        freeze(reader, clock, options.freeze),
        incidents(options.incidents),
        door(parts, organizations, shards, board) {
    parts.watch_escalation = [this](domain::ticket_id ticket, int level, domain::instant hand_up_at) {
      levels.watch(ticket, level, hand_up_at);
    };
    parts.judge = options.judge;
    parts.second = options.second;
    parts.board = &people.board;
    parts.score_link = options.score_link;
    people.board.listen([this](board_news news) {
      if (auto roster = people.roster.at(0))
        caf::anon_send(roster, news_of_board{std::make_shared<const board_news>(std::move(news))});
    });
    parts.agents_changed = [this](std::vector<std::string> ids) {
      if (auto roster = people.roster.at(0))
        caf::anon_send(roster, agents_changed{std::make_shared<const std::vector<std::string>>(std::move(ids))});
    };
    parts.set_presence = [this](const std::string& agent, domain::presence presence) { set_presence(agent, presence); };
    parts.prepare_patterns = options.prepare_patterns;
    parts.freeze = &freeze;
    parts.incidents = &incidents;
    monitor.links = {&board, [this](domain::completion<check_report> done) { door.check(std::move(done)); },
                     options.own_threads ? options.monitor_interval : domain::milliseconds{0},
                     !options.single_threaded};
    init_meta_objects();
    config.emplace(options.worker_threads, options.single_threaded);
    system.emplace(*config);
  }

  /// Waits until `done` or the deadline; true when it is done.
  template <class Condition>
  bool wait_until(std::chrono::steady_clock::time_point deadline, Condition done) {
    while (!done()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      if (options.single_threaded && run_jobs(nullptr) > 0) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds(options.single_threaded ? 0 : 2));
    }
    return true;
  }
  std::size_t run_jobs(const std::function<std::size_t(std::size_t)>& choose);

  void reload(std::size_t shard);
  void publish(const domain::settings_ptr& settings);
  void set_presence(const std::string& agent, domain::presence presence);

  desk_options options;
  ticket_directory directory;
  organization_directory organizations;
  timer_service timers;
  desk_parts parts;
  shard_table shards;
  ladder levels;
  staff people;
  freeze_watch freeze;
  incident_desk incidents;
  monitor_board board;
  watch monitor;
  desk_gateway door;
  store::recovery* source = nullptr;
  std::optional<system_config> config;
  std::optional<caf::actor_system> system;
  caf::actor root;
  std::vector<std::jthread> reloads;  ///< one a crashed shard; touched by the root actor only
};

std::size_t desk::engine::run_jobs(const std::function<std::size_t(std::size_t)>& choose) {
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler());
  std::size_t count = 0;
  for (; scheduler.has_job(); ++count) {
    auto next = scheduler.jobs.begin();
    if (choose) std::iter_swap(next, next + static_cast<std::ptrdiff_t>(choose(scheduler.jobs.size())));
    scheduler.run_once();
  }
  return count;
}

// A clock names its policy: the policy has to be stored before the first clock that goes by it.
void desk::engine::publish(const domain::settings_ptr& settings) {
  std::promise<domain::result<std::monostate>> stored;
  auto answer = stored.get_future();
  parts.writer.submit({store::policies_write{settings->all_policies()}, store::steady_time::max(),
                       domain::completion<std::monostate>(
                           [&stored](domain::result<std::monostate> result) { stored.set_value(std::move(result)); })});
  if (auto result = answer.get(); !result)
    throw std::runtime_error("the desk's policies could not be stored: " + result.error().detail);
  parts.take_settings(settings);
}

void desk::engine::set_presence(const std::string& agent, domain::presence presence) {
  settings_request change;
  change.by = domain::caller::system();
  change.edit = [agent, presence](const domain::desk_settings& now) -> domain::result<domain::settings_change> {
    auto found = now.agents.find(agent);
    if (found == now.agents.end()) return domain::fail(domain::errc::not_found);
    auto who = found->second;
    who.presence = presence;
    return domain::put_agent(now, std::move(who));
  };
  change.done = domain::completion<domain::settings_ptr>([agent](domain::result<domain::settings_ptr> done) {
    if (!done) log::warn("a lapsed presence was not stored", {{"agent", agent}});
  });
  door.change_settings(std::move(change));
}

// A shard's tickets come back on a thread of their own: the root must stay free to look after the others.
void desk::engine::reload(std::size_t shard) {
  reloads.emplace_back([this, shard](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      try {
        load_live_tickets(*source, shards, {1, 2000, shard, [](std::int64_t) {}});
        return;
      } catch (const std::exception& problem) {
        log::warn("a shard's tickets could not be loaded and are tried again",
                  {{"shard", shard}, {"error", problem.what()}});
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    }
  });
}

desk::desk(const domain::clock_port& clock, store::writer& writer, store::reader& reader,
           metrics::desk_metrics& metrics, desk_options options)
    : engine_(std::make_unique<engine>(clock, writer, reader, metrics, std::move(options))) {
  auto& e = *engine_;
  e.timers.set_handler([&shards = e.shards](std::size_t shard, std::vector<due_timer> due) {
    auto shared = std::make_shared<const std::vector<due_timer>>(std::move(due));
    if (auto actor = shards.at(shard)) caf::anon_send(actor, timers_due{std::move(shared)});
  });
  e.levels.timers.set_handler([&levels = e.levels](std::size_t level, std::vector<due_timer> due) {
    auto shared = std::make_shared<const std::vector<due_timer>>(std::move(due));
    if (auto actor = levels.levels.at(level)) caf::anon_send(actor, timers_due{std::move(shared)});
  });
  e.people.timers.set_handler([&people = e.people](std::size_t wheel, std::vector<due_timer> due) {
    auto shared = std::make_shared<const std::vector<due_timer>>(std::move(due));
    if (auto roster = people.roster.at(0)) caf::anon_send(roster, staff_timers_due{wheel, std::move(shared)});
  });
  e.root = e.system->spawn<root_actor::actor_type>(&e.parts, &e.shards, &e.levels, &e.people, &e.monitor,
                                                   [&e](std::size_t shard) { e.reload(shard); });
  e.wait_until(std::chrono::steady_clock::time_point::max(), [&e] {
    return e.shards.at(e.shards.size() - 1) != nullptr && e.levels.levels.at(0) != nullptr &&
           e.people.roster.at(0) != nullptr && e.monitor.actor.at(0) != nullptr;
  });
}

desk::~desk() { drain(domain::milliseconds{5000}); }

void desk::recover(store::recovery& source) {
  auto& e = *engine_;
  e.source = &source;
  auto settings = source.settings();
  settings.emergency_contacts = e.options.emergency_contacts;
  e.publish(std::make_shared<const domain::desk_settings>(std::move(settings)));
  e.people.board.remember(source.agent_records(), source.customer_records(e.parts.clock.now() - remembered));
  for (const auto& organization : source.all_organizations()) e.organizations.learn(organization);
  auto highest = source.highest_ticket_number();
  e.door.expect_tickets(source.count_live_tickets());
  auto never = std::chrono::steady_clock::time_point::max();
  // Every page may be all overdue, and each overdue ticket is a write: the lanes' queues bound how far to run ahead.
  auto throttle = [&](std::int64_t sent) {
    constexpr std::int64_t ahead_max = 4000;
    e.wait_until(never,
                 [&] { return sent - e.parts.tickets_recovered < ahead_max && e.parts.commits_pending < ahead_max; });
  };
  auto sent = load_live_tickets(source, e.shards, {e.options.recovery_threads, 2000, std::nullopt, throttle});
  e.door.expect_tickets(sent);
  e.wait_until(never, [&] { return e.parts.tickets_recovered >= sent && e.parts.commits_pending == 0; });
  if (e.options.own_threads) {
    e.timers.start();
    e.levels.timers.start();
    e.people.timers.start();
    e.door.sweep().start();
  }
  e.door.open(highest + 1);
  e.people.begun = true;
  caf::anon_send(e.people.roster.at(0), roster_begins{});
  e.parts.watching = true;
  if (e.options.own_threads) caf::anon_send(e.monitor.actor.at(0), monitor_round{true});
}

gateway& desk::door() { return engine_->door; }

void desk::raise(store::alert_write alert) {
  auto kind = alert.kind;
  engine_->parts.raise(std::move(alert), domain::completion<std::monostate>([kind](domain::result<std::monostate> r) {
                         if (!r) log::error("an alert was not stored", {{"kind", kind}});
                       }));
}

void desk::disable_webhook(domain::webhook_id endpoint, const std::string& why) {
  settings_request request;
  request.edit = [endpoint, why, at = engine_->parts.clock.now()](const domain::desk_settings& now) {
    domain::webhook_edit edit;
    edit.enabled = false;
    edit.disabled_reason = why;
    return domain::change_webhook(now, endpoint, edit, at);
  };
  request.by = domain::caller::system();
  request.done =
      domain::completion<domain::settings_ptr>([this, endpoint, why](domain::result<domain::settings_ptr> r) {
        if (!r) return log::warn("a webhook's endpoint was not disabled", {{"endpoint", to_string(endpoint)}});
        const auto* known = (*r)->find_webhook(endpoint);
        if (known == nullptr) return;
        store::alert_write alert{"webhook_disabled",
                                 "warning",
                                 "the endpoint " + to_string(endpoint) + " asks to be told no more: " + why,
                                 std::nullopt,
                                 known->organization,
                                 engine_->parts.clock.now()};
        raise(std::move(alert));
      });
  engine_->door.change_settings(std::move(request));
}
std::size_t desk::timers_armed() const { return engine_->timers.armed(); }
double desk::agents_online() const { return engine_->people.board.online(); }
double desk::agent_load_ratio() const { return engine_->people.board.load_ratio(); }
void desk::advance_timers() {
  engine_->timers.advance();
  engine_->levels.timers.advance();
  engine_->people.timers.advance();
  if (!engine_->options.single_threaded) return;
  dynamic_cast<caf::scheduler::test_coordinator&>(engine_->system->scheduler()).trigger_timeouts();
}
void desk::run_actors(const std::function<std::size_t(std::size_t)>& choose) { engine_->run_jobs(choose); }
const monitor_board& desk::monitor() const { return engine_->board; }
void desk::watch_now() {
  if (auto actor = engine_->monitor.actor.at(0)) caf::anon_send(actor, monitor_round{false});
}
void desk::sweep_deadlines() { engine_->door.sweep().sweep(); }

bool desk::drain(domain::milliseconds limit) {
  auto& e = *engine_;
  if (!e.root) return true;
  auto deadline = std::chrono::steady_clock::now() + limit;
  e.door.start_draining();
  bool answered = e.wait_until(deadline, [&] { return e.door.in_flight() == 0; });
  e.timers.stop();
  e.levels.timers.stop();
  e.people.timers.stop();
  bool committed = e.wait_until(deadline, [&] { return e.parts.commits_pending == 0; });
  e.door.sweep().stop();
  caf::anon_send(std::exchange(e.root, nullptr), stop_desk{});
  auto& registry = e.system->registry();
  bool ended = e.wait_until(deadline, [&] { return registry.running() == 0; });
  e.reloads.clear();
  e.shards.clear();
  e.levels.levels.clear();
  e.people.roster.clear();
  e.monitor.actor.clear();
  if (!answered || !committed || !ended) {
    log::error("the desk did not drain in time", {{"requests_unanswered", e.door.in_flight()},
                                                  {"commits_pending", e.parts.commits_pending.load()},
                                                  {"actors_alive", registry.running()}});
  }
  if (!ended) e.system->await_actors_before_shutdown(false);
  return answered && committed && ended;
}

}  // namespace usher::actors
