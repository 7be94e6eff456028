#include "actors/deadline_wheel.hpp"

#include <algorithm>
#include <utility>

namespace usher::actors {

namespace {

constexpr std::int64_t tick_ms = deadline_wheel::tick.count();

std::int64_t floor_tick(std::int64_t ms) { return ms >= 0 ? ms / tick_ms : -((-ms + tick_ms - 1) / tick_ms); }
/// The first tick at or after the instant: a timer that waits for it is never early.
std::int64_t ceil_tick(std::int64_t ms) { return floor_tick(ms + tick_ms - 1); }
std::int64_t to_ms(domain::instant at) { return at.time_since_epoch().count(); }

}  // namespace

deadline_wheel::deadline_wheel(domain::instant now) : now_tick_(floor_tick(to_ms(now))) { heads_.fill(nil); }

timer_handle deadline_wheel::arm(domain::ticket_id id, domain::instant when, std::uint32_t generation) {
  auto index = allocate();
  auto& n = at(index);
  n.when_ms = to_ms(when);
  n.id = id;
  n.generation = generation;
  link(index, now_tick_ + 1);
  ++armed_;
  return {index, generation};
}

bool deadline_wheel::cancel(timer_handle handle) {
  if (handle.index >= used_) return false;
  auto& n = at(handle.index);
  if (n.slot == free_slot || n.generation != handle.generation) return false;
  unlink(handle.index);
  release(handle.index);
  --armed_;
  return true;
}

void deadline_wheel::advance(domain::instant now, std::vector<due_timer>& due) {
  auto target = floor_tick(to_ms(now));
  if (target < now_tick_ || target - now_tick_ > walk_ticks_max) {
    place_anew(target, due);
    return;
  }
  while (now_tick_ < target) {
    ++now_tick_;
    for (unsigned level = 1; level < levels; ++level) {
      if ((now_tick_ & ((std::int64_t{1} << (slot_bits * level)) - 1)) != 0) break;
      cascade(level);
    }
    fire_current(due);
  }
}

std::size_t deadline_wheel::bytes() const noexcept {
  return sizeof *this + chunks_.capacity() * sizeof(chunks_[0]) + chunks_.size() * sizeof(std::array<node, chunk_size>);
}

std::uint32_t deadline_wheel::allocate() {
  if (free_ != nil) {
    auto index = free_;
    free_ = at(index).next;
    return index;
  }
  if (used_ == chunks_.size() * chunk_size) chunks_.push_back(std::make_unique<std::array<node, chunk_size>>());
  return used_++;
}

void deadline_wheel::release(std::uint32_t index) noexcept {
  auto& n = at(index);
  n.slot = free_slot;
  n.next = free_;
  free_ = index;
}

// The level is the lowest one whose turn covers the distance; past the last level's turn a timer waits in its last slot
// and is placed again when that comes round.
void deadline_wheel::link(std::uint32_t index, std::int64_t earliest) noexcept {
  auto& n = at(index);
  auto when = std::max(ceil_tick(n.when_ms), earliest);
  constexpr std::int64_t reach = (std::int64_t{1} << (slot_bits * levels)) - 1;
  when = std::min(when, now_tick_ + reach - (std::int64_t{1} << (slot_bits * (levels - 1))));
  unsigned level = 0;
  while (level + 1 < levels && ((when ^ now_tick_) >> (slot_bits * (level + 1))) != 0) ++level;
  auto slot = static_cast<std::uint32_t>(when >> (slot_bits * level)) & (slots - 1);
  auto position = level * slots + slot;
  n.slot = static_cast<std::uint16_t>(position);
  n.previous = nil;
  n.next = heads_[position];
  if (n.next != nil) at(n.next).previous = index;
  heads_[position] = index;
}

void deadline_wheel::unlink(std::uint32_t index) noexcept {
  auto& n = at(index);
  if (n.previous == nil)
    heads_[n.slot] = n.next;
  else
    at(n.previous).next = n.next;
  if (n.next != nil) at(n.next).previous = n.previous;
}

void deadline_wheel::cascade(unsigned level) noexcept {
  auto slot = static_cast<std::uint32_t>(now_tick_ >> (slot_bits * level)) & (slots - 1);
  auto index = std::exchange(heads_[level * slots + slot], nil);
  while (index != nil) {
    auto next = at(index).next;
    link(index, now_tick_);  // what is due in this very tick lands in its slot of level 0, which fires next
    index = next;
  }
}

void deadline_wheel::fire_current(std::vector<due_timer>& due) {
  auto slot = static_cast<std::uint32_t>(now_tick_) & (slots - 1);
  auto index = std::exchange(heads_[slot], nil);
  while (index != nil) {
    auto& n = at(index);
    auto next = n.next;
    if (ceil_tick(n.when_ms) > now_tick_) {
      link(index, now_tick_ + 1);  // it was clamped to the wheel's reach
    } else {
      due.push_back({n.id, n.generation, domain::instant{domain::milliseconds{n.when_ms}}});
      release(index);
      --armed_;
    }
    index = next;
  }
}

std::vector<std::uint32_t> deadline_wheel::take_all() {
  std::vector<std::uint32_t> all;
  all.reserve(armed_);
  for (auto& head : heads_) {
    for (auto index = std::exchange(head, nil); index != nil; index = at(index).next) all.push_back(index);
  }
  return all;
}

void deadline_wheel::place_anew(std::int64_t tick_now, std::vector<due_timer>& due) {
  auto all = take_all();
  now_tick_ = tick_now;
  for (auto index : all) {
    auto& n = at(index);
    if (ceil_tick(n.when_ms) > tick_now) {
      link(index, tick_now + 1);
      continue;
    }
    due.push_back({n.id, n.generation, domain::instant{domain::milliseconds{n.when_ms}}});
    release(index);
    --armed_;
  }
}

}  // namespace usher::actors
