#include "domain/agent_index.hpp"

#include <algorithm>

namespace usher::domain {

// -- what is known of them --------------------------------------------------------------------------------------------

void agent_index::put(const agent& who, bool on_shift) {
  auto [found, is_new] = places_.try_emplace(who.id, static_cast<place>(agents_.size()));
  auto at = found->second;
  if (is_new) {
    agents_.emplace_back();
    standing_.emplace_back();
  }
  auto before = standing_[at].now;
  if (!is_new) count(before, -1);
  agents_[at].who = who;
  auto& now = standing_[at].now;
  now = agent_snapshot(agents_[at].who);
  now.on_shift = on_shift;
  now.load = before.load;
  now.last_given = before.last_given;
  now.satisfaction = before.satisfaction;
  take_skills(at, who);
  count(now, 1);
  arrange(at);
}

void agent_index::take_skills(place at, const agent& who) {
  auto& skills = agents_[at].skills;
  skills.clear();
  for (const auto& s : who.skills) {
    auto* skill = &skill_group(s.skill);
    auto twice = std::ranges::find(skills, skill, &std::pair<group*, std::uint8_t>::first);
    if (twice == skills.end())
      skills.emplace_back(skill, static_cast<std::uint8_t>(s.level));
    else
      twice->second = std::max(twice->second, static_cast<std::uint8_t>(s.level));
  }
  auto& near = standing_[at];
  near.skill_count = static_cast<std::uint8_t>(std::min(skills.size(), skills_near_max));
  for (std::size_t i = 0; i < near.skill_count; ++i) {
    near.skills[i] = skills[i].first->number;
    near.levels[i] = skills[i].second;
  }
}

void agent_index::set_on_shift(std::string_view id, bool on_shift) {
  auto at = place_of(id);
  if (!at || standing_[*at].now.on_shift == on_shift) return;
  standing_[*at].now.on_shift = on_shift;
  arrange(*at);
}

void agent_index::add_load(std::string_view id, int weight) {
  auto at = place_of(id);
  if (!at) return;
  auto& now = standing_[*at].now;
  count(now, -1);
  now.load += weight;
  count(now, 1);
  arrange(*at);
}

void agent_index::given(std::string_view id, instant at) {
  if (auto who = place_of(id)) standing_[*who].now.last_given = std::max(standing_[*who].now.last_given, at);
}

void agent_index::served(const organization_id& customer, std::string_view id, int times) {
  auto who = place_of(id);
  if (!who || (served_.size() >= customers_max && !served_.contains(customer))) return;
  auto& by = served_[customer];
  auto known = std::ranges::find(by, *who, &std::pair<place, int>::first);
  if (known != by.end()) {
    known->second += times;
  } else if (by.size() < served_by_max) {
    by.emplace_back(*who, times);
  } else {
    *std::ranges::min_element(by, {}, &std::pair<place, int>::second) = {*who, times};
  }
}

void agent_index::scored(std::string_view id, int score) {
  if (auto at = place_of(id)) standing_[*at].now.satisfaction.add(score);
}

void agent_index::scored(std::string_view id, const running_mean& before) {
  auto at = place_of(id);
  if (!at) return;
  auto& satisfaction = standing_[*at].now.satisfaction;
  satisfaction.sum += before.sum;
  satisfaction.count += before.count;
}

void agent_index::finished(std::string_view id, std::string_view category, double share_of_target) {
  auto at = place_of(id);
  if (!at) return;
  agents_[*at].pace[std::string(category)].add(std::clamp(share_of_target, 0.0, 2.0));
  standing_[*at].has_pace = true;
}

const agent* agent_index::find(std::string_view id) const {
  auto at = place_of(id);
  return at ? &agents_[*at].who : nullptr;
}

bool agent_index::is_on_duty(std::string_view id) const {
  auto at = place_of(id);
  return !at || (standing_[*at].now.online && standing_[*at].now.on_shift);
}

int agent_index::load_of(std::string_view id) const {
  auto at = place_of(id);
  return at ? standing_[*at].now.load : 0;
}

double agent_index::load_ratio() const noexcept {
  return online_capacity_ == 0 ? 0 : static_cast<double>(online_load_) / static_cast<double>(online_capacity_);
}

// -- groups -----------------------------------------------------------------------------------------------------------

std::optional<agent_index::place> agent_index::place_of(std::string_view id) const {
  auto found = places_.find(id);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

agent_index::group& agent_index::skill_group(std::string_view skill) {
  auto found = by_skill_.find(skill);
  if (found != by_skill_.end()) return found->second;
  auto number = static_cast<skill_number>(std::min<std::size_t>(by_skill_.size(), no_skill - 1));
  auto& made = by_skill_[std::string(skill)];
  made.number = number;
  return made;
}

std::uint8_t agent_index::level_of(place at, skill_number skill) const {
  const auto& near = standing_[at];
  for (std::size_t i = 0; i < near.skill_count; ++i)
    if (near.skills[i] == skill) return near.levels[i];
  if (near.skill_count < skills_near_max) return 0;
  for (const auto& [mine, level] : agents_[at].skills)
    if (mine->number == skill) return level;
  return 0;
}

std::vector<agent_index::group*> agent_index::groups_of(place at) {
  std::vector<group*> out;
  const auto& a = standing_[at].now;
  if (!a.online || !a.on_shift) return out;
  if (a.specialist) out.push_back(&specialists_);
  if (a.role == role::supervisor) out.push_back(&supervisors_);
  bool takes_tickets = a.role == role::agent || a.role == role::supervisor;
  if (!takes_tickets || a.load >= a.capacity) return out;
  out.push_back(&with_room_);
  for (const auto& [skill, level] : agents_[at].skills) out.push_back(skill);
  return out;
}

void agent_index::arrange(place at) {
  auto& e = agents_[at];
  auto wanted = groups_of(at);
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

void agent_index::count(const agent_snapshot& a, int sign) noexcept {
  if (!a.online) return;
  online_ += static_cast<std::size_t>(sign);
  online_load_ += sign * a.load;
  online_capacity_ += sign * a.capacity;
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
  const auto& near = standing_[at];
  agent_snapshot out = near.now;
  for (std::size_t i = 0; i < skills.size() && i < skills_scored_max; ++i)
    if (skills[i] != nullptr) out.levels[i] = level_of(at, skills[i]->number);
  if (!near.has_pace) return out;
  const auto& pace = agents_[at].pace;
  if (auto found = pace.find(needs.category); found != pace.end()) out.pace = found->second;
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
        if (!standing_[at].now.specialist) each(at);
      return;
    case choice_kind::best:
      return all(with_room_);
    case choice_kind::skilled:
      if (skills.empty()) return all(with_room_);
      for (std::size_t i = 0; i < skills.size(); ++i) {
        if (skills[i] == nullptr) continue;
        for (auto at : skills[i]->members) {
          // Whoever has several of the skills is looked at with the first one.
          bool before = std::any_of(skills.begin(), skills.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](auto* s) { return s != nullptr && level_of(at, s->number) > 0; });
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
