#include <algorithm>
#include <type_traits>

#include "domain/erasure.hpp"

namespace usher::domain {

namespace {

template <class T>
std::shared_ptr<const T> share(T value) {
  return std::make_shared<const T>(std::move(value));
}

class folder {
 public:
  folder(ticket& state, instant at) : state_(state), at_(at) {}

  void operator()(const ticket_created& e) {
    state_ = e.ticket;
    state_.created_at = at_;
  }

  void operator()(const fields_changed& e) {
    if (e.subject) state_.subject = *e.subject;
    if (e.body) state_.body = *e.body;
    if (e.priority) {
      state_.priority = *e.priority;
      state_.raised_from.reset();  // a person's word: nothing falls back from it
    }
    if (e.category) state_.category = *e.category;
    if (e.tags) state_.tags = e.tags->empty() ? nullptr : share(*e.tags);
    if (e.custom_fields) state_.custom_fields = *e.custom_fields == "{}" ? nullptr : share(*e.custom_fields);
    if (e.wedding) state_.wedding = *e.wedding ? share(**e.wedding) : nullptr;
  }

  void operator()(const status_changed& e) {
    state_.status = e.to;
    bool ended = e.to == ticket_status::resolved || e.to == ticket_status::closed;
    if (ended) {
      if (!state_.resolved_at) state_.resolved_at = at_;
      state_.silent_since.reset();
      state_.taken_from.reset();
      return;
    }
    if (e.from == ticket_status::resolved || e.from == ticket_status::closed) {
      ++state_.reopened;
      state_.escalation_level = 0;
      state_.resolved_at.reset();
    }
  }

  void operator()(const message_added&) {}  // the ticket does not hold its thread
  void operator()(const ticket_assigned& e) {
    state_.assignee_id = e.to;
    state_.silent_since = e.owes_sign ? maybe_instant(at_) : maybe_instant();
    if (!e.taken_back) return state_.taken_from.reset();
    auto all = state_.taken_from ? *state_.taken_from : std::vector<std::string>{};
    all.push_back(e.from);
    state_.taken_from = share(std::move(all));
  }
  void operator()(const ticket_rated& e) { state_.rated_cycle = e.cycle; }
  void operator()(const assignee_seen&) { state_.silent_since.reset(); }
  void operator()(const ticket_merged& e) { state_.merged_into = e.into; }
  void operator()(const merge_received&) {}
  void operator()(const ticket_deleted&) { state_.deleted_at = at_; }
  void operator()(const ticket_restored&) { state_.deleted_at.reset(); }

  void operator()(const classified& e) { state_.classification = share(e.verdict); }
  void operator()(const urgency_changed& e) {
    state_.urgency = e.to;
    state_.emergency_since = e.to == urgency::emergency ? maybe_instant(e.at) : maybe_instant();
  }
  void operator()(const priority_moved& e) {
    state_.priority = e.to;
    state_.raised_from = e.raised_from;
  }
  void operator()(const escalated& e) {
    state_.escalations.push_back(e.escalation);
    bool higher = level_index(e.escalation.level) + 1 >
                  (state_.escalation_level == 0 ? 0 : level_index(state_.escalation_level) + 1);
    if (e.escalation.state == escalation_state::fired && higher)
      state_.escalation_level = static_cast<std::int16_t>(e.escalation.level);
  }
  void operator()(const escalation_moved& e) {
    for (auto& each : state_.escalations) {
      if (each.id != e.id) continue;
      each.hand_up_at = e.hand_up_at;
      if (e.acknowledged_by.empty()) continue;
      each.acknowledged_at = at_;
      each.acknowledged_by = e.acknowledged_by;
    }
  }
  void operator()(const alert_raised&) {}
  void operator()(const personal_erased& e) { erase(state_, e); }

  void operator()(const clock_changed& e) {
    auto clock = std::find_if(state_.clocks.begin(), state_.clocks.end(),
                              [&](const sla_clock& c) { return c.kind() == e.kind && c.cycle() == e.cycle; });
    if (clock != state_.clocks.end())
      clock->apply(e.event);
    else if (e.event.type == clock_event_type::start)
      state_.clocks.emplace_back(e.kind, e.cycle, e.event);
  }

 private:
  ticket& state_;
  instant at_;
};

}  // namespace

void apply(ticket& state, const ticket_event& event, instant at) {
  std::visit(folder(state, at), event);
  state.updated_at = at;
}

const message* change::added_message() const noexcept {
  for (const auto& event : events) {
    if (const auto* added = std::get_if<message_added>(&event)) return &added->message;
  }
  return nullptr;
}

}  // namespace usher::domain
