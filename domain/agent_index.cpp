#include "domain/agent_index.hpp"

#include <algorithm>

namespace usher::domain {

// -- what is known of them --------------------------------------------------------------------------------------------

void agent_index::put(const agent& who, bool on_shift) {
  auto [found, is_new] = places_.try_emplace(who.id, static_cast<place>(agents_.size()));
  if (is_new) agents_.emplace_back();
  auto& e = agents_[found->second];
  if (!is_new) count(e, -1);
  e.who = who;
  e.on_shift = on_shift;
  e.skills.clear();
  for (const auto& s : who.skills) {
    const auto* skill = &skill_group(s.skill);
    auto twice = std::ranges::find(e.skills, skill, &std::pair<const group*, std::uint8_t>::first);
    if (twice == e.skills.end())
      e.skills.emplace_back(skill, static_cast<std::uint8_t>(s.level));
    else
      twice->second = std::max(twice->second, static_cast<std::uint8_t>(s.level));
  }
  count(e, 1);
  arrange(found->second);
}

void agent_index::set_on_shift(std::string_view id, bool on_shift) {
  auto* e = entry_of(id);
  if (e == nullptr || e->on_shift == on_shift) return;
  e->on_shift = on_shift;
  arrange(places_.find(id)->second);
}

void agent_index::add_load(std::string_view id, int weight) {
  auto found = places_.find(id);
  if (found == places_.end()) return;
  auto& e = agents_[found->second];
  count(e, -1);
  e.load += weight;
  count(e, 1);
  arrange(found->second);
}

void agent_index::given(std::string_view id, instant at) {
  if (auto* e = entry_of(id)) e->last_given = std::max(e->last_given, at);
}

void agent_index::served(const organization_id& customer, std::string_view id) {
  auto found = places_.find(id);
  if (found == places_.end() || (served_.size() >= customers_max && !served_.contains(customer))) return;
  auto& by = served_[customer];
  auto known = std::ranges::find(by, found->second, &std::pair<place, int>::first);
  if (known != by.end()) {
    ++known->second;
  } else if (by.size() < served_by_max) {
    by.emplace_back(found->second, 1);
  } else {
    *std::ranges::min_element(by, {}, &std::pair<place, int>::second) = {found->second, 1};
  }
}

void agent_index::scored(std::string_view id, int score) {
  if (auto* e = entry_of(id)) e->satisfaction.add(score);
}

void agent_index::finished(std::string_view id, std::string_view category, double share_of_target) {
  if (auto* e = entry_of(id)) e->pace[std::string(category)].add(std::clamp(share_of_target, 0.0, 2.0));
}

const agent* agent_index::find(std::string_view id) const {
  const auto* e = entry_of(id);
  return e == nullptr ? nullptr : &e->who;
}

bool agent_index::is_on_duty(std::string_view id) const {
  const auto* e = entry_of(id);
  return e == nullptr || (e->who.presence == presence::online && e->on_shift);
}

int agent_index::load_of(std::string_view id) const {
  const auto* e = entry_of(id);
  return e == nullptr ? 0 : e->load;
}

double agent_index::load_ratio() const noexcept {
  return online_capacity_ == 0 ? 0 : static_cast<double>(online_load_) / static_cast<double>(online_capacity_);
}

// -- groups -----------------------------------------------------------------------------------------------------------

agent_index::entry* agent_index::entry_of(std::string_view id) {
  auto found = places_.find(id);
  return found == places_.end() ? nullptr : &agents_[found->second];
}

const agent_index::entry* agent_index::entry_of(std::string_view id) const {
  auto found = places_.find(id);
  return found == places_.end() ? nullptr : &agents_[found->second];
}

agent_index::group& agent_index::skill_group(std::string_view skill) {
  auto found = by_skill_.find(skill);
  return found == by_skill_.end() ? by_skill_[std::string(skill)] : found->second;
}

std::vector<agent_index::group*> agent_index::groups_of(entry& e) {
  std::vector<group*> out;
  if (e.who.presence != presence::online || !e.on_shift) return out;
  if (e.who.wedding_specialist) out.push_back(&specialists_);
  if (e.who.role == role::supervisor) out.push_back(&supervisors_);
  bool takes_tickets = e.who.role == role::agent || e.who.role == role::supervisor;
  if (!takes_tickets || e.load >= e.who.capacity) return out;
  out.push_back(&with_room_);
  for (const auto& s : e.who.skills)
    if (auto* skill = &skill_group(s.skill); std::ranges::find(out, skill) == out.end()) out.push_back(skill);
  return out;
}

void agent_index::arrange(place at) {
  auto& e = agents_[at];
  auto wanted = groups_of(e);
  if (std::ranges::equal(wanted, e.wanted)) return;
  for (const auto& m : e.memberships) {
    auto last = m.in->members.back();
    m.in->members[m.at] = last;
    m.in->members.pop_back();
    if (last == at) continue;
    for (auto& other : agents_[last].memberships)
      if (other.in == m.in && other.at == m.in->members.size()) other.at = m.at;
  }
  e.memberships.clear();
  e.wanted.assign(wanted.begin(), wanted.end());
  for (auto* g : wanted) {
    e.memberships.push_back({g, g->members.size()});
    g->members.push_back(at);
  }
}

void agent_index::count(const entry& e, int sign) noexcept {
  if (e.who.presence != presence::online) return;
  online_ += static_cast<std::size_t>(sign);
  online_load_ += sign * e.load;
  online_capacity_ += sign * e.who.capacity;
}

// -- the choice -------------------------------------------------------------------------------------------------------

std::vector<const agent_index::group*> agent_index::needed(const ticket_needs& needs) const {
  std::vector<const group*> out;
  for (const auto& skill : needs.skills) {
    auto found = by_skill_.find(skill);
    out.push_back(found == by_skill_.end() ? nullptr : &found->second);
  }
  return out;
}

agent_snapshot agent_index::snapshot(place at, const ticket_needs& needs,
                                     const std::vector<const group*>& skills) const {
  const auto& e = agents_[at];
  agent_snapshot out;
  out.who = &e.who;
  out.on_shift = e.on_shift;
  out.load = e.load;
  out.last_given = e.last_given;
  for (std::size_t i = 0; i < skills.size() && i < skills_scored_max; ++i)
    for (const auto& [skill, level] : e.skills)
      if (skill == skills[i]) out.levels[i] = level;
  out.satisfaction = e.satisfaction;
  if (!e.pace.empty())
    if (auto pace = e.pace.find(needs.category); pace != e.pace.end()) out.pace = pace->second;
  return out;
}

std::optional<agent_snapshot> agent_index::snapshot_of(std::string_view id, const ticket_needs& needs) const {
  auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  auto out = snapshot(found->second, needs, needed(needs));
  if (auto by = served_.find(needs.organization); by != served_.end())
    for (const auto& [at, times] : by->second)
      if (at == found->second) out.served = times;
  return out;
}

template <class Each>
void agent_index::for_each_candidate(const ticket_needs& needs, const std::vector<const group*>& skills,
                                     Each each) const {
  auto all = [&](const group& g) {
    for (auto at : g.members) each(at);
  };
  switch (needs.kind) {
    case choice_kind::supervisor:
      return all(supervisors_);
    case choice_kind::emergency:
      all(specialists_);
      for (auto at : with_room_.members)
        if (!agents_[at].who.wedding_specialist) each(at);
      return;
    case choice_kind::best:
      return all(with_room_);
    case choice_kind::skilled:
      if (skills.empty()) return all(with_room_);
      for (std::size_t i = 0; i < skills.size(); ++i) {
        if (skills[i] == nullptr) continue;
        for (auto at : skills[i]->members) {
          const auto& has = agents_[at].skills;
          // Whoever has several of the skills is looked at with the first one.
          bool before = std::any_of(skills.begin(), skills.begin() + static_cast<std::ptrdiff_t>(i), [&](auto* s) {
            return s != nullptr && std::ranges::any_of(has, [s](const auto& mine) { return mine.first == s; });
          });
          if (!before) each(at);
        }
      }
  }
}

std::vector<agent_index::scored_place> agent_index::score_all(const ticket_needs& needs,
                                                              const std::vector<const group*>& skills) const {
  std::vector<scored_place> out;
  const std::vector<std::pair<place, int>>* known = nullptr;
  if (auto by = served_.find(needs.organization); by != served_.end()) known = &by->second;
  for_each_candidate(needs, skills, [&](place at) {
    auto a = snapshot(at, needs, skills);
    if (known != nullptr)
      for (const auto& [who, times] : *known)
        if (who == at) a.served = times;
    if (suits(needs, a)) out.push_back({score_of(needs, a), a.last_given, at});
  });
  return out;
}

std::vector<candidate> agent_index::rank(const ticket_needs& needs, std::size_t limit) const {
  auto skills = needed(needs);
  auto all = score_all(needs, skills);
  auto first = [this](const scored_place& a, const scored_place& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.last_given != b.last_given) return a.last_given < b.last_given;
    return agents_[a.at].who.id < agents_[b.at].who.id;
  };
  auto count = std::min(limit, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), first);
  std::vector<candidate> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& who = agents_[all[i].at].who;
    out.push_back({who.id, all[i].score, reasons_of(needs, *snapshot_of(who.id, needs))});
  }
  return out;
}

std::optional<candidate> agent_index::best(const ticket_needs& needs) const {
  auto found = rank(needs, 1);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace usher::domain
