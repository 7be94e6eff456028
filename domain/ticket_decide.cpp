#include "domain/ticket_decide.hpp"

#include <algorithm>
#include <type_traits>

#include "domain/erasure.hpp"
#include "domain/json_members.hpp"
#include "domain/macro.hpp"
#include "domain/ticket_draft.hpp"

namespace usher::domain {

namespace {

std::vector<std::string> tags_of(const ticket& t) { return t.tags ? *t.tags : std::vector<std::string>{}; }

result<void> check_category(const std::optional<std::string>& code, const desk_settings& settings) {
  if (code && settings.find_category(*code) == nullptr) return fail_field("/category", "there is no such category");
  return {};
}

priority default_priority(std::string_view category, const desk_settings& settings) {
  const auto* found = settings.find_category(category);
  return found == nullptr ? priority::low : found->default_priority;
}

/// What the text is about and how pressing it is, where the caller has not said so. The day raises the priority by a
/// rule of its own: here it counts for the emergency only.
struct first_reading {
  classification verdict;
  priority pressing = priority::low;
};

first_reading read_creation(const create_ticket& c, const decision_context& context) {
  first_reading out;
  if (context.reads != nullptr) {
    std::optional<instant> day;
    if (c.wedding) day = c.wedding->at;
    auto read = context.reads->read(c.subject, c.body, day, context.now);
    out.pressing = day ? context.reads->read(c.subject, c.body, {}, context.now).priority : read.priority;
    out.verdict = std::move(read.classification);
  }
  if (c.category) {
    out.verdict.category = *c.category;
    out.verdict.method = "caller";
    out.verdict.confidence = 1;
  }
  if (c.category || context.reads == nullptr) out.pressing = default_priority(out.verdict.category, *context.settings);
  if (c.priority) out.pressing = *c.priority;
  return out;
}

result<std::vector<ticket_event>> create(const create_ticket& c, const decision_context& context) {
  if (!context.by.sees(c.organization)) return fail(errc::not_found);
  if (auto known = check_category(c.category, *context.settings); !known) return std::unexpected(known.error());
  ticket t;
  t.id = c.id;
  t.number = c.number;
  t.organization = c.organization;
  t.tier = c.tier;
  t.via = c.via;
  t.requester_id = context.by.sub;
  t.subject = c.subject;
  t.body = c.body;
  auto [verdict, pressing] = read_creation(c, context);
  t.category = verdict.category;
  t.priority = pressing;
  if (!c.tags.empty()) t.tags = std::make_shared<const std::vector<std::string>>(c.tags);
  if (!c.custom_fields.empty() && c.custom_fields != "{}")
    t.custom_fields = std::make_shared<const std::string>(c.custom_fields);
  if (c.wedding) t.wedding = std::make_shared<const wedding>(*c.wedding);
  if (c.requester) t.requester = std::make_shared<const contact>(*c.requester);
  t.classification = std::make_shared<const classification>(std::move(verdict));

  draft next({}, context);
  next.emit(ticket_created{std::move(t)});
  next.look_at_the_day("the wedding day");
  next.start(clock_kind::first_response);
  next.start(clock_kind::resolution);
  next.look_at_the_day("the wedding day");
  next.give_out();
  return std::move(next).take();
}

/// What of an update really changes something.
fields_changed differences(const ticket& t, const update_ticket& c) {
  fields_changed d;
  if (c.subject && *c.subject != t.subject) d.subject = c.subject;
  if (c.body && *c.body != t.body) d.body = c.body;
  if (c.priority && *c.priority != t.priority) d.priority = c.priority;
  if (c.category && *c.category != t.category) d.category = c.category;
  if (c.tags && *c.tags != tags_of(t)) d.tags = c.tags;
  if (c.custom_fields) {
    std::string before = t.custom_fields ? *t.custom_fields : "{}";
    std::string merged = merge_json_object(before, *c.custom_fields);
    if (merged != before) d.custom_fields = std::move(merged);
  }
  if (c.wedding) {
    std::optional<wedding> before;
    if (t.wedding) before = *t.wedding;
    if (*c.wedding != before) d.wedding = c.wedding;
  }
  return d;
}

bool is_empty(const fields_changed& d) {
  return !d.subject && !d.body && !d.priority && !d.category && !d.tags && !d.custom_fields && !d.wedding;
}

result<void> check_requester_fields(const ticket& t, const update_ticket& c) {
  constexpr std::string_view why = "a requester may change the subject and the wedding, reopen and close";
  auto no = [&](std::string_view field) { return forbidden_field(field, std::string(why)); };
  if (c.body) return no("body");
  if (c.priority) return no("priority");
  if (c.category) return no("category");
  if (c.tags) return no("tags");
  if (c.custom_fields) return no("custom_fields");
  if (c.assignee_id) return no("assignee_id");
  bool may =
      !c.status || *c.status == t.status || *c.status == ticket_status::open || *c.status == ticket_status::closed;
  if (!may) return no("status");
  return {};
}

result<void> check_update(const ticket& t, const update_ticket& c, const fields_changed& d,
                          const decision_context& context) {
  const auto& by = context.by;
  if (!by.is_staff()) {
    if (auto ok = check_requester_fields(t, c); !ok) return ok;
  }
  bool moves = c.status && *c.status != t.status;
  if (moves && !may_change_status(t.status, *c.status, by.is_staff())) {
    return fail(errc::conflict, "a ticket that is " + std::string(to_word(t.status)) + " can't become " +
                                    std::string(to_word(*c.status)) + (by.is_staff() ? "" : " by its requester"));
  }
  bool assigns = c.assignee_id && *c.assignee_id != t.assignee_id;
  if (moves && t.merged_into) return fail(errc::conflict, "the ticket was merged into another one");
  if (t.status == ticket_status::closed && !moves && (!is_empty(d) || assigns))
    return fail(errc::conflict, "the ticket is closed; staff may reopen it");
  if (auto known = check_category(c.category, *context.settings); !known) return known;
  if (d.custom_fields && d.custom_fields->size() > custom_fields_bytes_max)
    return fail_field("/custom_fields", "more than 2 KiB after the merge");
  if (assigns) return check_assignment(t, *c.assignee_id, by);
  return {};
}

result<std::vector<ticket_event>> update(const ticket& t, const update_ticket& c, const decision_context& context) {
  auto d = differences(t, c);
  if (auto ok = check_update(t, c, d, context); !ok) return std::unexpected(ok.error());
  bool moves = c.status && *c.status != t.status;
  bool assigns = c.assignee_id && *c.assignee_id != t.assignee_id;
  if (is_empty(d) && !moves && !assigns) return std::vector<ticket_event>{};

  draft next(t, context);
  next.settle();
  if (!is_empty(d)) next.emit(d);
  if (d.subject || d.body || d.wedding) next.read_text();
  if (d.subject || d.body || d.wedding) next.look_at_the_day(d.wedding ? "the wedding date" : "the text");
  if (d.priority) {
    next.retarget("priority " + std::string(to_word(t.priority)) + " to " + std::string(to_word(*d.priority)));
  }
  if (assigns) next.assign(*c.assignee_id);
  if (moves) next.change_status(*c.status);
  return std::move(next).take();
}

result<std::vector<ticket_event>> add(const ticket& t, const add_message& c, const decision_context& context) {
  const auto& by = context.by;
  auto visible = c.visible.value_or(by.is_staff() ? visibility::internal : visibility::public_);
  if (!by.is_staff() && visible == visibility::internal)
    return forbidden_field("visibility", "a requester's messages are public");
  if (t.status == ticket_status::closed) return fail(errc::conflict, "the ticket is closed");

  draft next(t, context);
  next.settle();
  next.emit(message_added{{c.id, by.sub, by.role, visible, c.via, c.automatic, c.body, context.now}});
  switch (meaning_of(by.role, visible, c.via, c.automatic)) {
    case message_meaning::customer_message:
      if (t.status == ticket_status::pending || t.status == ticket_status::resolved)
        next.change_status(ticket_status::open);
      next.customer_wrote();
      break;
    case message_meaning::response:
      next.staff_answered();
      break;
    case message_meaning::neither:
      break;
  }
  return std::move(next).take();
}

bool may_delete(const caller& by) { return by.role == role::manager || by.role == role::admin; }

result<std::vector<ticket_event>> remove(const ticket& t, const decision_context& context) {
  if (!may_delete(context.by)) return fail(errc::forbidden);
  draft next(t, context);
  next.settle();
  next.emit(ticket_deleted{});
  next.align();
  return std::move(next).take();
}

result<std::vector<ticket_event>> restore(const ticket& t, const decision_context& context) {
  if (!may_delete(context.by)) return fail(errc::forbidden);
  if (!t.deleted_at) return fail(errc::conflict, "the ticket is not deleted");
  if (context.now - *t.deleted_at >= restorable_for) return fail(errc::not_found);  // to be erased at any moment
  draft next(t, context);
  next.settle();
  next.emit(ticket_restored{});
  next.align();
  return std::move(next).take();
}

result<std::vector<ticket_event>> check(const ticket& t, const check_clocks& c, const decision_context& context) {
  draft next(t, context);
  next.settle(c.after_outage);
  return std::move(next).take();
}

result<std::vector<ticket_event>> escalate(const ticket& t, const escalate_ticket& c, const decision_context& context) {
  if (!context.by.is_staff()) return fail(errc::forbidden);
  if (has_ended(t.status)) return fail(errc::conflict, "the ticket has ended");
  auto place = [](int level) { return level == 0 ? std::size_t{0} : level_index(level) + 1; };
  auto reached = place(t.escalation_level);
  if (!c.level && reached == all_levels.size()) return fail(errc::conflict, "there is no level above the emergency");
  int level = c.level.value_or(all_levels[std::min(reached, all_levels.size() - 1)]);
  if (place(level) <= reached) return fail(errc::conflict, "level " + std::to_string(level) + " is reached already");
  draft next(t, context);
  next.settle();
  const auto* clock = next.urgent_clock();
  if (clock == nullptr) return fail(errc::conflict, "no clock of the ticket is running");
  if (next.state().has_escalation(clock->kind(), clock->cycle(), level))
    return fail(errc::conflict, "level " + std::to_string(level) + " is reached already");
  next.escalate(*clock, level, escalation_cause::manual, context.now, c.reason);
  if (level == emergency_level) next.begin_emergency();
  return std::move(next).take();
}

result<std::vector<ticket_event>> acknowledge(const ticket& t, const decision_context& context) {
  if (!context.by.is_staff()) return fail(errc::forbidden);
  draft next(t, context);
  next.settle();
  bool waits = std::ranges::any_of(next.state().escalations, [](const escalation& e) { return e.waits(); });
  if (!waits) return fail(errc::conflict, "nothing waits for an acknowledgement");
  next.acknowledge();
  return std::move(next).take();
}

result<std::vector<ticket_event>> rate(const ticket& t, const rate_ticket& c, const decision_context& context) {
  if (context.by.is_staff()) return fail(errc::forbidden, "the score is the customer's to give");
  if (c.score < 1 || c.score > best_score) return fail_field("/score", "has to be from 1 to 5");
  if (!has_ended(t.status) || t.merged_into) return fail(errc::conflict, "the ticket is not resolved");
  int cycle = t.reopened + 1;
  if (t.rated_cycle >= cycle) return fail(errc::conflict, "a score was given for this resolution already");
  draft next(t, context);
  next.emit(ticket_rated{cycle, c.score, c.comment, t.assignee_id});
  return std::move(next).take();
}

result<std::vector<ticket_event>> hand_up_waiting(const ticket& t, const hand_up& c, const decision_context& context) {
  draft next(t, context);
  next.settle();
  next.hand_up(c.level);
  return std::move(next).take();
}

result<std::vector<ticket_event>> take_policies(const ticket& t, const decision_context& context) {
  draft next(t, context);
  next.settle();
  next.retarget("policies applied");
  next.settle();
  return std::move(next).take();
}

// An emergency, and a priority that somebody gave, are not for a model to say; a priority that was the category's goes
// with the category.
result<std::vector<ticket_event>> take(const ticket& t, const take_opinion& c, const decision_context& context) {
  if (context.by.role != role::system) return fail(errc::forbidden);
  const bool untouched = !t.deleted_at && !has_ended(t.status) && t.classification && t.category == c.seen &&
                         t.classification->category == c.seen && t.classification->method != "caller";
  if (!untouched || context.settings->find_category(c.category) == nullptr) return std::vector<ticket_event>{};
  draft next(t, context);
  next.settle();
  auto verdict = *t.classification;
  verdict.category = c.category;
  verdict.confidence = c.confidence;
  verdict.method = "llm";
  next.emit(classified{std::move(verdict)});
  if (c.category == c.seen) return std::move(next).take();
  fields_changed what;
  what.category = c.category;
  const auto pressing = default_priority(c.category, *context.settings);
  const bool follows = !t.raised_from && t.priority == default_priority(c.seen, *context.settings);
  if (follows && pressing != t.priority) what.priority = pressing;
  next.emit(what);
  if (what.priority)
    next.retarget("priority " + std::string(to_word(t.priority)) + " to " + std::string(to_word(pressing)));
  return std::move(next).take();
}

result<void> check_visible(const ticket& t, bool restoring, const decision_context& context) {
  if (!context.by.sees(t.organization)) return fail(errc::not_found);
  if (t.deleted_at && !restoring) return fail(errc::not_found);
  if (context.expected_version && *context.expected_version != t.version) return fail(errc::version_mismatch);
  return {};
}

}  // namespace

bool may_change_status(ticket_status from, ticket_status to, bool staff) noexcept {
  if (from == to) return false;
  if (!staff && to != ticket_status::open && to != ticket_status::closed) return false;
  switch (from) {
    case ticket_status::open:
    case ticket_status::pending:
    case ticket_status::on_hold:
      return staff || to == ticket_status::closed || from == ticket_status::pending;
    case ticket_status::resolved:
      return to == ticket_status::open || to == ticket_status::closed;
    case ticket_status::closed:
      return staff && to == ticket_status::open;
  }
  return false;
}

namespace {

result<std::vector<ticket_event>> decide_by_rule(const ticket* state, const ticket_command& command,
                                                 const decision_context& context) {
  if (const auto* c = std::get_if<create_ticket>(&command)) {
    return state == nullptr ? create(*c, context) : fail(errc::conflict, "the ticket exists already");
  }
  if (state == nullptr) return fail(errc::not_found);
  bool restoring = std::holds_alternative<restore_ticket>(command);
  bool own = std::holds_alternative<check_clocks>(command) || std::holds_alternative<hand_up>(command) ||
             std::holds_alternative<apply_policies>(command) || std::holds_alternative<take_opinion>(command) ||
             std::holds_alternative<erase_personal>(command);
  if (!own) {
    if (auto ok = check_visible(*state, restoring, context); !ok) return std::unexpected(ok.error());
  }
  return std::visit(
      [&](const auto& c) -> result<std::vector<ticket_event>> {
        using type = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<type, update_ticket>) return update(*state, c, context);
        if constexpr (std::is_same_v<type, add_message>) return add(*state, c, context);
        if constexpr (std::is_same_v<type, assign_ticket>) return decide_assign(*state, c, context);
        if constexpr (std::is_same_v<type, delete_ticket>) return remove(*state, context);
        if constexpr (std::is_same_v<type, restore_ticket>) return restore(*state, context);
        if constexpr (std::is_same_v<type, escalate_ticket>) return escalate(*state, c, context);
        if constexpr (std::is_same_v<type, acknowledge_escalation>) return acknowledge(*state, context);
        if constexpr (std::is_same_v<type, run_macro>) return decide_macro(*state, c, context);
        if constexpr (std::is_same_v<type, check_clocks>) return check(*state, c, context);
        if constexpr (std::is_same_v<type, hand_up>) return hand_up_waiting(*state, c, context);
        if constexpr (std::is_same_v<type, apply_policies>) return take_policies(*state, context);
        if constexpr (std::is_same_v<type, take_opinion>) return take(*state, c, context);
        if constexpr (std::is_same_v<type, rate_ticket>) return rate(*state, c, context);
        if constexpr (std::is_same_v<type, erase_personal>) return decide_erase(*state, c, context.by);
        if constexpr (std::is_same_v<type, give_ticket>) return decide_give(*state, c, context);
        // A merge needs both tickets: `merge` decides it.
        return fail(errc::internal);
      },
      command);
}

/// Whatever an assignee does to its ticket is the sign that it owes.
bool shows_sign(const ticket& t, const std::vector<ticket_event>& events, const caller& by) {
  if (!t.silent_since || by.sub != t.assignee_id || events.empty()) return false;
  return std::ranges::none_of(events, [](const auto& e) { return std::holds_alternative<ticket_assigned>(e); });
}

}  // namespace

result<std::vector<ticket_event>> decide(const ticket* state, const ticket_command& command,
                                         const decision_context& context) {
  auto events = decide_by_rule(state, command, context);
  if (events && state != nullptr && shows_sign(*state, *events, context.by)) events->emplace_back(assignee_seen{});
  return events;
}

result<change> perform(const ticket_ptr& state, const ticket_command& command, const decision_context& context) {
  auto events = decide(state.get(), command, context);
  if (!events) return std::unexpected(std::move(events.error()));
  change done{state, state, std::move(*events), context.by, context.now};
  if (done.events.empty()) return done;
  auto next = state ? std::make_shared<ticket>(*state) : std::make_shared<ticket>();
  for (const auto& event : done.events) apply(*next, event, context.now);
  next->version = (state ? state->version : 0) + 1;
  next->clocks.shrink_to_fit();
  done.after = std::move(next);
  return done;
}

}  // namespace usher::domain
