#include "domain/erasure.hpp"

#include <algorithm>

namespace usher::domain {

namespace {

void erase_phrase(ticket& t, std::string_view phrase) {
  auto without = [&](std::string& text) { text = without_phrase(text, phrase); };
  without(t.subject);
  without(t.body);
  if (t.custom_fields)
    t.custom_fields = std::make_shared<const std::string>(json_without_phrase(*t.custom_fields, phrase));
  if (t.tags) {
    auto tags = *t.tags;
    std::ranges::for_each(tags, without);
    t.tags = std::make_shared<const std::vector<std::string>>(std::move(tags));
  }
  if (t.wedding) {
    auto day = *t.wedding;
    without(day.venue);
    t.wedding = std::make_shared<const wedding>(std::move(day));
  }
  if (t.requester) {
    auto who = *t.requester;
    without(who.name);
    // Half an address is none.
    if (without_phrase(who.email, phrase) != who.email) who.email.clear();
    t.requester = std::make_shared<const contact>(std::move(who));
  }
  for (auto& e : t.escalations) without(e.reason);
  if (!t.classification) return;
  auto verdict = *t.classification;
  std::ranges::for_each(verdict.signals, without);
  t.classification = std::make_shared<const classification>(std::move(verdict));
}

void erase_all(ticket& t) {
  t.subject = t.body = erased_text;
  t.custom_fields = nullptr;
  t.tags = nullptr;
  t.requester = nullptr;
  if (t.wedding && !t.wedding->venue.empty()) {
    auto day = *t.wedding;
    day.venue.clear();
    t.wedding = std::make_shared<const wedding>(std::move(day));
  }
  for (auto& e : t.escalations) e.reason.clear();
  if (!t.classification || t.classification->signals.empty()) return;
  auto verdict = *t.classification;
  verdict.signals.clear();
  t.classification = std::make_shared<const classification>(std::move(verdict));
}

template <class T>
bool same_value(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

bool same_texts(const ticket& a, const ticket& b) {
  return a.subject == b.subject && a.body == b.body && a.requester_id == b.requester_id &&
         same_value(a.custom_fields, b.custom_fields) && same_value(a.tags, b.tags) &&
         same_value(a.wedding, b.wedding) && same_value(a.requester, b.requester) &&
         same_value(a.classification, b.classification) &&
         std::ranges::equal(a.escalations, b.escalations, {}, &escalation::reason, &escalation::reason);
}

}  // namespace

std::string erased_person(const uuid& erasure) { return "erased:" + to_string(erasure); }

bool same_person(std::string_view one, std::string_view other) {
  auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(one, other, {}, small, small);
}

// Erased already is done: nothing changes, and no version is used up.
result<std::vector<ticket_event>> decide_erase(const ticket& t, const erase_personal& command, const caller& by) {
  if (by.role != role::system) return fail(errc::forbidden);
  personal_erased event{command.erasure, command.phrase, command.person};
  ticket after = t;
  erase(after, event);
  if (same_texts(t, after)) return std::vector<ticket_event>{};
  return std::vector<ticket_event>{std::move(event)};
}

result<settings_change> erase_agent(const desk_settings& now, std::string_view id, const uuid& erasure) {
  const auto known = now.agents.find(id);
  if (known == now.agents.end()) return fail(errc::not_found);
  if (known->second.presence != presence::offline) return fail(errc::conflict, "the agent is not offline");
  agent left;
  left.id = known->first;
  left.name = erased_person(erasure);
  left.role = known->second.role;
  left.capacity = 0;
  auto change = put_agent(now, std::move(left));
  if (change) change->action = "agent.erased";
  return change;
}

void erase(ticket& state, const personal_erased& event) {
  if (event.phrase.empty())
    erase_all(state);
  else
    erase_phrase(state, event.phrase);
  if (!event.person.empty() && same_person(state.requester_id, event.person))
    state.requester_id = erased_person(event.erasure);
}

}  // namespace usher::domain
