#include "actors/monitor_actor.hpp"

#include "domain/desk_snapshot.hpp"
#include "metrics/log/log.hpp"

namespace usher::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto part_limit = 20s;
constexpr domain::milliseconds quiet_time = 1h;
/// Contract, section 2: answers are kept 24 h.
constexpr domain::milliseconds keys_kept = 24h;
constexpr domain::milliseconds snapshots_kept = std::chrono::days{90};
/// The store may be away for a moment, as at its own restart.
constexpr int bad_rounds_allowed = 1;

}  // namespace

monitor_actor::monitor_actor(actor_type* self, desk_parts* desk, monitor_links* links)
    : self_(self), desk_(*desk), links_(*links) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::monitor);
}

monitor_actor::~monitor_actor() { desk_.metrics.actor_stopped(metrics::actor_kind::monitor); }

caf::behavior monitor_actor::make_behavior() {
  if (links_.interval > 0ms && desk_.watching) self_->send(self_, monitor_round{true});
  return {
      [this](const monitor_round& m) { on_round(m.by_itself); },
      [this](const monitor_part_done& m) { on_part(m); },
      [this](const stop_desk&) { self_->quit(caf::exit_reason::user_shutdown); },
  };
}

void monitor_actor::on_round(bool by_itself) {
  if (by_itself && links_.interval > 0ms) self_->delayed_send(self_, links_.interval, monitor_round{true});
  if (round_.open_parts > 0) return;  // the store is slow: the round before this one has not ended
  round_ = {3, true};
  take_snapshot();
  start_audit();
  purge();
  // Of no round: the first time it may take minutes.
  desk_.analytics.roll_up(desk_.reader, desk_.writer);
}

void monitor_actor::on_part(const monitor_part_done& m) {
  if (!m.good) round_.good = false;
  if (m.audit) judge_audit(*m.audit);
  if (m.again) return purge();
  if (--round_.open_parts == 0) finish_round();
}

void monitor_actor::take_snapshot() {
  auto now = desk_.clock.now();
  domain::snapshot_builder figures(now);
  desk_.directory.for_each([&](const domain::ticket_ptr& t) { figures.add(*t); });
  store::snapshot_write row{domain::new_uuid_v7(), now, figures.to_json(desk_.stopped.take())};
  links_.board->show(domain::name_snapshot(row.id, now, row.figures));
  auto done = [me = caf::actor_cast<caf::actor>(self_)](domain::result<std::monostate> stored) {
    caf::anon_send(me, monitor_part_done{stored.has_value(), std::nullopt, false});
  };
  desk_.writer.submit(
      {std::move(row), desk_.clock.steady_now() + part_limit, domain::completion<std::monostate>(std::move(done))});
}

void monitor_actor::start_audit() {
  links_.audit(
      domain::completion<check_report>([me = caf::actor_cast<caf::actor>(self_)](domain::result<check_report> report) {
        monitor_part_done m{report.has_value(), std::nullopt, false};
        if (report) m.audit = *report;
        caf::anon_send(me, m);
      }));
}

void monitor_actor::judge_audit(const check_report& report) {
  if (report.repaired == 0) return;
  round_.good = false;
  log::error("the audit found clocks that nobody watched", {{"tickets", report.repaired}, {"fired", report.fired}});
  raise("audit_difference", "critical",
        std::to_string(report.repaired) + " tickets had a deadline that no timer watched; they are watched again");
}

// A batch after the other, until there is nothing left: a batch's size is no cap.
void monitor_actor::purge() {
  auto now = desk_.clock.now();
  store::expiry limits{now - keys_kept, now - domain::restorable_for, now - snapshots_kept};
  auto me = caf::actor_cast<caf::actor>(self_);
  auto deadline = desk_.clock.steady_now() + part_limit;
  auto found = [me, limits, deadline, &writer = desk_.writer](domain::result<store::expired_rows> expired) {
    if (!expired || expired->empty())
      return caf::anon_send(me, monitor_part_done{expired.has_value(), std::nullopt, false});
    auto done = [me](domain::result<std::monostate> purged) {
      caf::anon_send(me, monitor_part_done{purged.has_value(), std::nullopt, purged.has_value()});
    };
    writer.submit({store::purge_write{limits, std::move(*expired)}, deadline,
                   domain::completion<std::monostate>(std::move(done))});
  };
  desk_.reader.list_expired(limits, deadline, domain::completion<store::expired_rows>(std::move(found)));
}

void monitor_actor::finish_round() {
  if (round_.good) links_.board->count_good_round();
  links_.board->count_round();
  bad_rounds_ = round_.good ? 0 : bad_rounds_ + 1;
  if (bad_rounds_ <= bad_rounds_allowed) return;
  log::warn("the monitor's rounds fail", {{"rounds", bad_rounds_}});
  raise("monitor_failing", "warning",
        "snapshot, audit or purge failed in " + std::to_string(bad_rounds_) + " rounds, one after the other");
}

void monitor_actor::raise(const std::string& kind, const std::string& level, std::string detail) {
  auto now = desk_.clock.now();
  auto last = raised_.find(kind);
  if (last != raised_.end() && now - last->second < quiet_time) return;
  raised_[kind] = now;
  store::alert_write alert{kind, level, std::move(detail), std::nullopt, std::nullopt, now};
  desk_.raise(std::move(alert), domain::completion<std::monostate>([kind](domain::result<std::monostate> stored) {
                if (!stored) log::error("an alert was not stored", {{"kind", kind}});
              }));
}

}  // namespace usher::actors
