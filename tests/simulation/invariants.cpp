// What has to hold, whatever happens.
#include <algorithm>

#include "world.hpp"

namespace usher::simulation {

namespace {

/// A wheel's tick, and the time for one more try.
constexpr domain::milliseconds slack{300};

std::string name_of(const domain::ticket& t) { return "ticket " + std::to_string(t.number); }

std::string key_of(const domain::ticket_id& id, const domain::escalation& e) {
  return to_string(id) + "/" + std::string(to_word(e.clock)) + "/" + std::to_string(e.cycle) + "/" +
         std::to_string(e.level);
}

/// When a clock round the clock had counted `target`, by adding up one stretch after the other; nothing when it has
/// not.
std::optional<domain::instant> ran_out(const std::vector<domain::clock_event>& events, domain::milliseconds target) {
  domain::milliseconds counted{0};
  std::optional<domain::instant> running;
  // A merge moves the start back: then the clock has run from there.
  auto begins = domain::instant::max();
  for (const auto& e : events)
    if (e.type == domain::clock_event_type::start) begins = std::min(begins, e.at);
  bool begun = false;
  for (const auto& e : events) {
    bool ends = e.type == domain::clock_event_type::pause || e.type == domain::clock_event_type::stop ||
                e.type == domain::clock_event_type::cancel;
    if (e.type == domain::clock_event_type::start && !std::exchange(begun, true)) running = begins;
    if (e.type == domain::clock_event_type::resume && !running) running = e.at;
    if (!ends || !running) continue;
    if (counted + (e.at - *running) >= target) break;
    counted += e.at - *running;
    running.reset();
  }
  if (!running) return std::nullopt;
  return *running + (target - counted);
}

}  // namespace

std::string world::nothing_acknowledged_is_lost() {
  auto all = store_.changes();
  for (; answers_checked_ < answers_.size(); ++answers_checked_) {
    const auto& answer = answers_[answers_checked_];
    bool kept = std::ranges::any_of(all, [&](const domain::change& c) { return c.after == answer.state; });
    if (!kept) return name_of(*answer.state) + ", version " + std::to_string(answer.version) + " was lost";
  }
  return {};
}

std::string world::history_is_sound() {
  auto all = store_.changes();
  for (; changes_checked_ < all.size(); ++changes_checked_) {
    const auto& change = all[changes_checked_];
    auto& t = folded_[change.after->id];
    auto& events = clock_events_[change.after->id];
    for (const auto& event : change.events) {
      domain::apply(t, event, change.at);
      if (const auto* told = std::get_if<domain::escalated>(&event))
        if (!told_.insert(key_of(change.after->id, told->escalation)).second)
          return name_of(*change.after) + ": a key fired twice";
      const auto* clock = std::get_if<domain::clock_changed>(&event);
      if (clock == nullptr) continue;
      if (clock->event.type == domain::clock_event_type::breach) {
        std::vector<domain::clock_event> before;
        domain::milliseconds target{0};
        for (const auto& e : events) {
          if (e.kind != clock->kind || e.cycle != clock->cycle) continue;
          before.push_back(e.event);
          if (e.event.target) target = *e.event.target;
        }
        if (auto when = ran_out(before, target); when != clock->event.at)
          return name_of(*change.after) + ": the breach is not at the deadline but at " +
                 domain::format_rfc3339(clock->event.at) + (when ? " instead of " + domain::format_rfc3339(*when) : "");
        if (clock->event.detected_at < clock->event.at)
          return name_of(*change.after) + ": breached before its deadline";
      }
      events.push_back(*clock);
    }
    ++t.version;
    const auto& live = *change.after;
    if (t.version != live.version || t.clocks != live.clocks || t.escalations != live.escalations ||
        t.status != live.status || t.priority != live.priority || t.urgency != live.urgency ||
        t.assignee_id != live.assignee_id || t.escalation_level != live.escalation_level ||
        t.updated_at != live.updated_at || t.resolved_at != live.resolved_at || t.deleted_at != live.deleted_at)
      return name_of(live) + ": the fold of its events is not what was live, at version " +
             std::to_string(live.version);
  }
  return {};
}

std::string world::nothing_stands_still() {
  std::size_t timers = 0;
  for (const auto& [id, folded] : folded_) {
    auto t = store_.stored(id);
    if (!t) return "a ticket is not there";
    if (!t->is_live()) continue;
    if (t->next_timer()) ++timers;
    for (const auto& clock : t->clocks)
      if (clock.pending_breach(now())) return name_of(*t) + ": a breach is not recorded";
    for (const auto& e : domain::armed_levels(*t))
      if (e.scheduled_at < now() - slack)
        return name_of(*t) + ": level " + std::to_string(e.level) + " is overdue since " +
               domain::format_rfc3339(e.scheduled_at);
    for (const auto& e : t->escalations)
      if (e.waits() && *e.hand_up_at < now() - slack)
        return name_of(*t) + ": what level " + std::to_string(e.level) + " was told stands still since " +
               domain::format_rfc3339(*e.hand_up_at);
    domain::ticket_ptr shown;
    desk_->door().get(t->id, domain::caller::system(), domain::completion<domain::ticket_ptr>([&](auto found) {
                        if (found) shown = *found;
                      }));
    if (!shown || shown->version != t->version) return name_of(*t) + ": what is live is not what is stored";
  }
  if (desk_->timers_armed() != timers)
    return std::to_string(desk_->timers_armed()) + " timers are armed for " + std::to_string(timers) + " tickets";
  return {};
}

std::string world::wrong(bool at_rest) {
  if (auto why = history_is_sound(); !why.empty()) return why;
  if (auto why = nothing_acknowledged_is_lost(); !why.empty()) return why;
  return at_rest ? nothing_stands_still() : std::string();
}

}  // namespace usher::simulation
