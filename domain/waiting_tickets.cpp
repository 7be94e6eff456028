#include "domain/waiting_tickets.hpp"

#include <algorithm>

namespace usher::domain {

waiting_tickets::rank waiting_tickets::rank_of(const ticket& t) {
  return {t.urgency, t.due_at().value_or(instant::max()), t.created_at, t.id};
}

void waiting_tickets::put(const ticket_ptr& t, instant since, bool for_anybody) {
  waiting next{t, rank_of(*t), since, for_anybody};
  if (auto known = all_.find(t->id); known != all_.end()) {
    next.since = known->second.since;
    next.for_anybody = for_anybody || known->second.for_anybody;
    take_out(known->second);
  }
  (next.for_anybody ? for_anybody_ : by_category_[t->category]).insert(next.at);
  if (!next.for_anybody) relax_next_.emplace(next.since, t->id);
  all_.insert_or_assign(t->id, std::move(next));
}

void waiting_tickets::remove(const ticket_id& id) {
  auto found = all_.find(id);
  if (found == all_.end()) return;
  take_out(found->second);
  all_.erase(found);
}

void waiting_tickets::take_out(const waiting& w) {
  if (w.for_anybody) {
    for_anybody_.erase(w.at);
    return;
  }
  relax_next_.erase({w.since, w.at.id});
  auto of_category = by_category_.find(w.ticket->category);
  if (of_category == by_category_.end()) return;
  of_category->second.erase(w.at);
  if (of_category->second.empty()) by_category_.erase(of_category);
}

bool waiting_tickets::is_for_anybody(const ticket_id& id) const {
  auto found = all_.find(id);
  return found != all_.end() && found->second.for_anybody;
}

std::optional<instant> waiting_tickets::next_to_relax() const {
  if (relax_next_.empty()) return std::nullopt;
  return relax_next_.begin()->first;
}

std::vector<ticket_ptr> waiting_tickets::relax(instant since_before, std::size_t at_most) {
  std::vector<ticket_ptr> out;
  while (!relax_next_.empty() && relax_next_.begin()->first <= since_before && out.size() < at_most) {
    auto t = all_.find(relax_next_.begin()->second)->second.ticket;
    put(t, since_before, true);
    out.push_back(std::move(t));
  }
  return out;
}

ticket_ptr waiting_tickets::first_of(const queue& q, bool for_anybody, const check& suits) const {
  std::size_t looked_at = 0;
  for (const auto& at : q) {
    if (++looked_at > looked_at_max) break;
    const auto& t = all_.find(at.id)->second.ticket;
    if (suits(t, for_anybody)) return t;
  }
  return nullptr;
}

ticket_ptr waiting_tickets::next_for(const agent& who, const desk_settings& settings, const check& suits) const {
  auto best = first_of(for_anybody_, true, suits);
  for (const auto& [code, q] : by_category_) {
    const auto* category = settings.find_category(code);
    bool asked =
        category == nullptr || category->skills.empty() || std::ranges::any_of(who.skills, [&](const agent_skill& s) {
          return std::ranges::find(category->skills, s.skill) != category->skills.end();
        });
    if (!asked) continue;
    auto here = first_of(q, false, suits);
    if (here && (!best || rank_of(*here) < rank_of(*best))) best = std::move(here);
  }
  return best;
}

std::vector<ticket_ptr> waiting_tickets::first(std::size_t count) const {
  std::vector<rank> ranks;
  auto take = [&](const queue& q) {
    auto here = q.begin();
    for (std::size_t i = 0; i < count && here != q.end(); ++i, ++here) ranks.push_back(*here);
  };
  take(for_anybody_);
  for (const auto& [code, q] : by_category_) take(q);
  std::ranges::sort(ranks);
  std::vector<ticket_ptr> out;
  for (const auto& at : ranks) {
    if (out.size() == count) break;
    out.push_back(all_.find(at.id)->second.ticket);
  }
  return out;
}

}  // namespace usher::domain
