#include "metrics/ticket_metrics.hpp"

#include <algorithm>

namespace usher::metrics {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;

auto& family(auto builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

/// On the wedding day, or under the emergency protocol, and not solved yet.
bool is_emergency(const domain::ticket& t) {
  return t.counts_as_open() &&
         (t.urgency == domain::urgency::emergency || t.escalation_level == domain::emergency_level);
}

bool waits(const domain::ticket* t, const domain::escalation& e) { return t->is_live() && e.waits() && e.fired_at; }

bool waits_in(const domain::ticket* t, const domain::escalation_id& id) {
  return t != nullptr && std::ranges::any_of(t->escalations, [&](const auto& e) { return e.id == id && waits(t, e); });
}

}  // namespace

// The edges of durations are the shortest and the longest promises, those of shares the ladder's levels.
ticket_metrics::ticket_metrics(prometheus::Registry& registry)
    : created_(family(BuildCounter(), registry, "usher_tickets_created_total", "Tickets created.")),
      classified_(family(BuildCounter(), registry, "usher_classifications_total",
                         "Verdicts on new tickets, and new verdicts on changed ones.")),
      consumed_family_("usher_sla_consumed_ratio", "Share of its target that a clock had used when it stopped.",
                       {0.25, 0.5, 0.75, 0.9, 1, 1.25, 2}),
      duration_family_("usher_sla_clock_duration_seconds", "Time that counted on a clock when it stopped.",
                       {60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 259200, 604800}),
      ladder_lateness_family_("usher_escalation_lateness_seconds",
                              "How long after its percentage of a clock a level was told.",
                              {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 60, 600, 3600}) {
  for (const auto& category : domain::default_categories()) {
    auto& cells = categories_[std::string(category.code)];
    cells = make_cells(std::string(category.code));
  }
  other_ = make_cells("other");
  add_tickets(registry);
  add_clocks(registry);
  add_ladder(registry);
}

ticket_metrics::category_cells ticket_metrics::make_cells(const std::string& code) {
  category_cells cells;
  for (auto t : tiers) {
    for (auto c : channels)
      cells.created[index(t)][index(c)] = &created_.Add({{"tier", word(t)}, {"category", code}, {"channel", word(c)}});
  }
  for (std::size_t m = 0; m < verdict_methods.size(); ++m)
    cells.classified[m] = &classified_.Add({{"method", std::string(verdict_methods[m])}, {"category", code}});
  return cells;
}

// The desk's own categories are few, and made by its supervisors.
ticket_metrics::category_cells& ticket_metrics::cells_of(const std::string& category) {
  if (auto known = categories_.find(category); known != categories_.end()) return known->second;
  std::scoped_lock guard(own_lock_);
  if (auto known = own_categories_.find(category); known != own_categories_.end()) return known->second;
  if (own_categories_.size() >= own_categories_max) return other_;
  return own_categories_.emplace(category, make_cells(category)).first->second;
}

void ticket_metrics::add_tickets(prometheus::Registry& registry) {
  auto& open = family(BuildGauge(), registry, "usher_tickets_open", "Tickets open, pending or on hold.");
  auto& resolved = family(BuildCounter(), registry, "usher_tickets_resolved_total", "Tickets resolved.");
  auto& reopened = family(BuildCounter(), registry, "usher_tickets_reopened_total", "Tickets opened again.");
  for (auto t : tiers) {
    for (auto p : priorities) open_[index(t)][index(p)] = &open.Add({{"tier", word(t)}, {"priority", word(p)}});
    resolved_[index(t)] = &resolved.Add({{"tier", word(t)}});
    reopened_[index(t)] = &reopened.Add({{"tier", word(t)}});
  }
  auto& messages = family(BuildCounter(), registry, "usher_messages_total", "Messages on tickets.");
  for (auto v : {domain::visibility::public_, domain::visibility::internal}) {
    messages_[0][index(v)] = &messages.Add({{"by", "staff"}, {"visibility", word(v)}});
    messages_[1][index(v)] = &messages.Add({{"by", "customer"}, {"visibility", word(v)}});
  }
  emergencies_ = &family(BuildGauge(), registry, "usher_emergencies_active",
                         "Open tickets on a wedding day or under the emergency protocol.")
                      .Add({});
}

void ticket_metrics::add_clocks(prometheus::Registry& registry) {
  auto& started = family(BuildCounter(), registry, "usher_sla_clocks_started_total", "SLA clocks started.");
  auto& met = family(BuildCounter(), registry, "usher_sla_clocks_met_total", "SLA clocks stopped in time.");
  auto& breached = family(BuildCounter(), registry, "usher_sla_breaches_total", "SLA targets missed.");
  for (auto c : clocks) {
    for (auto t : tiers) {
      prometheus::Labels labels{{"clock", word(c)}, {"tier", word(t)}};
      started_[index(c)][index(t)] = &started.Add(labels);
      met_[index(c)][index(t)] = &met.Add(labels);
      consumed_[index(c)][index(t)] = &consumed_family_.add(labels);
      duration_[index(c)][index(t)] = &duration_family_.add(labels);
      for (auto p : priorities) {
        labels["priority"] = word(p);
        breached_[index(c)][index(t)][index(p)] = &breached.Add(labels);
      }
    }
  }
}

void ticket_metrics::add_ladder(prometheus::Registry& registry) {
  auto& told = family(BuildCounter(), registry, "usher_escalations_total", "Levels of the ladder told.");
  auto& nobody = family(BuildCounter(), registry, "usher_escalations_reached_nobody_total",
                        "Levels of the ladder that had nobody to reach.");
  auto& unacknowledged = family(BuildGauge(), registry, "usher_escalations_unacknowledged",
                                "Levels told that wait for somebody to take them.");
  auto& oldest = family(BuildGauge(), registry, "usher_escalations_oldest_unacknowledged_seconds",
                        "For how long the one that waits longest has; 0 when none does.");
  for (auto level : domain::all_levels) {
    auto i = domain::level_index(level);
    prometheus::Labels labels{{"level", std::to_string(level)}};
    told_[i] = &told.Add(labels);
    nobody_[i] = &nobody.Add(labels);
    unacknowledged_[i] = &unacknowledged.Add(labels);
    oldest_[i] = &oldest.Add(labels);
  }
  ladder_lateness_ = &ladder_lateness_family_.add();
}

void ticket_metrics::moved(const domain::ticket* before, const domain::ticket& after) {
  if (before != nullptr && before->counts_as_open()) open_[index(before->tier)][index(before->priority)]->Decrement();
  if (after.counts_as_open()) open_[index(after.tier)][index(after.priority)]->Increment();
  bool was = before != nullptr && is_emergency(*before);
  bool is = is_emergency(after);
  if (is && !was) emergencies_->Increment();
  if (was && !is) emergencies_->Decrement();
  if (!after.escalations.empty()) move_waiting(before, after);
}

// What has been told is never taken from a ticket, so `after` knows all of it.
void ticket_metrics::move_waiting(const domain::ticket* before, const domain::ticket& after) {
  for (const auto& e : after.escalations) {
    bool was = waits_in(before, e.id);
    bool is = waits(&after, e);
    if (was == is || !e.fired_at) continue;
    auto& level = waiting_[domain::level_index(e.level)];
    std::scoped_lock guard(level.lock);
    if (is)
      level.since.insert(*e.fired_at);
    else if (auto known = level.since.find(*e.fired_at); known != level.since.end())
      level.since.erase(known);
    unacknowledged_[domain::level_index(e.level)]->Set(static_cast<double>(level.since.size()));
  }
}

void ticket_metrics::look_at(domain::instant now) {
  for (std::size_t i = 0; i < levels; ++i) {
    std::scoped_lock guard(waiting_[i].lock);
    const auto& since = waiting_[i].since;
    double age = since.empty() ? 0 : std::chrono::duration<double>(now - *since.begin()).count();
    oldest_[i]->Set(std::max(age, 0.0));
  }
}

void ticket_metrics::committed(const domain::change& what) {
  const auto& after = *what.after;
  auto tier = index(after.tier);
  moved(what.before.get(), after);
  bool classified = what.is_creation();
  if (what.is_creation()) cells_of(after.category).created[tier][index(after.via)]->Increment();
  for (const auto& event : what.events) {
    if (const auto* clock = std::get_if<domain::clock_changed>(&event)) count(what, *clock);
    if (const auto* told = std::get_if<domain::escalated>(&event)) count(told->escalation);
    if (std::holds_alternative<domain::classified>(event)) classified = true;
    if (const auto* status = std::get_if<domain::status_changed>(&event)) {
      bool was_solved =
          status->from == domain::ticket_status::resolved || status->from == domain::ticket_status::closed;
      bool is_solved = status->to == domain::ticket_status::resolved || status->to == domain::ticket_status::closed;
      if (status->to == domain::ticket_status::resolved) resolved_[tier]->Increment();
      if (was_solved && !is_solved) reopened_[tier]->Increment();
    }
    if (const auto* added = std::get_if<domain::message_added>(&event)) {
      bool customer = added->message.author_role == domain::role::requester;
      messages_[customer ? 1 : 0][index(added->message.visible)]->Increment();
    }
  }
  if (!classified || !after.classification) return;
  const auto& verdict = *after.classification;
  cells_of(verdict.category).classified[index_of(verdict_methods, verdict.method)]->Increment();
}

void ticket_metrics::count(const domain::change& what, const domain::clock_changed& clock) {
  using enum domain::clock_event_type;
  const auto& after = *what.after;
  auto kind = index(clock.kind);
  auto tier = index(after.tier);
  auto same = [&](const domain::sla_clock& c) { return c.kind() == clock.kind && c.cycle() == clock.cycle; };
  // A merge may start a clock a second time, at an earlier moment.
  bool known = what.before != nullptr && std::ranges::any_of(what.before->clocks, same);
  if (clock.event.type == start && !known) started_[kind][tier]->Increment();
  if (clock.event.type == breach) breached_[kind][tier][index(after.priority)]->Increment();
  if (clock.event.type != stop) return;
  auto found = std::ranges::find_if(after.clocks, same);
  if (found == after.clocks.end()) return;
  auto used = std::chrono::duration<double>(found->elapsed(what.at)).count();
  auto target = std::chrono::duration<double>(found->target()).count();
  if (!found->breach_recorded()) met_[kind][tier]->Increment();
  duration_[kind][tier]->observe(used);
  if (target > 0) consumed_[kind][tier]->observe(used / target);
}

void ticket_metrics::count(const domain::escalation& told) {
  if (told.state != domain::escalation_state::fired) return;
  auto level = domain::level_index(told.level);
  told_[level]->Increment();
  if (told.recipients.empty()) nobody_[level]->Increment();
  if (told.cause == domain::escalation_cause::clock && told.fired_at)
    ladder_lateness_->observe(std::chrono::duration<double>(*told.fired_at - told.scheduled_at).count());
}

void ticket_metrics::collect(std::vector<prometheus::MetricFamily>& into) const {
  into.push_back(consumed_family_.collect());
  into.push_back(duration_family_.collect());
  into.push_back(ladder_lateness_family_.collect());
}

}  // namespace usher::metrics
