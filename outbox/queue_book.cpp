#include "outbox/queue_book.hpp"

#include <algorithm>

namespace usher::outbox {

using domain::instant;
using store::outbox_queue;

void queue_book::expect(const outbox_queue& queue, instant due) {
  auto& e = entry_of(queue);
  if (!e.due || due < *e.due) e.due = due;
}

void queue_book::exhausted(const outbox_queue& queue, instant now) {
  auto& e = entry_of(queue);
  e.later.erase(e.later.begin(), e.later.upper_bound(now));
  e.due = e.later.empty() ? std::nullopt : std::optional(*e.later.begin());
}

void queue_book::use(const outbox_queue& queue, bool troubled, int count) {
  used_.all += count;
  if (queue.channel == "webhook") used_.webhooks += count;
  if (troubled) used_.troubled += count;
}

bool queue_book::begin(const outbox_queue& queue) {
  auto& e = entry_of(queue);
  ++e.under_way;
  use(queue, e.troubled, 1);
  return e.troubled;
}

void queue_book::ended(const outbox_queue& queue, bool as_troubled) {
  --entry_of(queue).under_way;
  use(queue, as_troubled, -1);
}

void queue_book::judge(const outbox_queue& queue, bool failed, steady_time now) {
  auto& e = entry_of(queue);
  e.troubled = failed;
  e.gate.record(!failed, now);
}

void queue_book::retry_at(const outbox_queue& queue, instant at) { entry_of(queue).later.insert(at); }

int queue_book::room_of(const outbox_queue& queue, const entry& e) const {
  if (queue.channel == "log") return settings_.log_rows_max;
  int all = settings_.workers - used_.all;
  if (queue.channel == "webhook")
    all = std::min(all, settings_.workers - settings_.workers_for_people - used_.webhooks);
  if (!e.troubled) return std::min(all, settings_.queue_deliveries_max - e.under_way);
  // Those that hang, hang for as long as a delivery may take: together they get half of the workers.
  return std::min({all, settings_.workers / 2 - used_.troubled, 1 - e.under_way});
}

std::vector<store::outbox_wish> queue_book::wishes(instant now, steady_time steady_now) {
  std::vector<std::pair<const outbox_queue, entry>*> due;
  for (auto& each : entries_)
    if (each.second.due && *each.second.due <= now) due.push_back(&each);
  if (served_last_)
    std::ranges::rotate(due, std::ranges::find_if(due, [&](const auto* each) { return *served_last_ < each->first; }));
  std::vector<store::outbox_wish> out;
  const auto before = used_;
  for (auto* each : due) {
    auto& [queue, e] = *each;
    int room = room_of(queue, e);
    if (room <= 0) continue;
    if (e.gate.current() != breaker::state::closed) {
      if (e.under_way > 0 || !e.gate.admit(steady_now)) continue;
      room = 1;
    }
    out.push_back({queue, room});
    if (queue.channel == "log") continue;
    served_last_ = queue;
    use(queue, e.troubled, room);
  }
  used_ = before;  // that was only to share the room out
  return out;
}

std::optional<queue_book::steady_time> queue_book::next_due(instant now, steady_time steady_now) const {
  std::optional<steady_time> first;
  for (const auto& [queue, e] : entries_) {
    if (!e.due || room_of(queue, e) <= 0) continue;
    auto at = steady_now + std::max(*e.due - now, domain::milliseconds{0});
    if (auto open = e.gate.next_try()) at = std::max(at, *open);
    if (!first || at < *first) first = at;
  }
  return first;
}

}  // namespace usher::outbox
