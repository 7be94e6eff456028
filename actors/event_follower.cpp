#include "actors/event_follower.hpp"

#include <algorithm>

namespace usher::actors {

namespace {

constexpr std::size_t lines_max = 256;
constexpr int entries_max = 500;
constexpr domain::milliseconds stretch_first{60'000};
constexpr domain::milliseconds stretch_max = std::chrono::hours{1};
constexpr auto read_limit = std::chrono::seconds(10);

std::int64_t ms_of(const domain::uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return ms;
}

/// The lowest id of its millisecond.
domain::uuid first_id(std::int64_t ms) {
  domain::uuid out;
  for (std::size_t i = 0; i < 6; ++i) out.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return out;
}

/// The id right after this one.
domain::uuid successor(domain::uuid id) {
  for (std::size_t i = id.bytes.size(); i-- > 0;)
    if (++id.bytes[i] != 0) break;
  return id;
}

}  // namespace

event_follower::event_follower(desk_parts& desk, domain::caller by, event_filter filter)
    : desk_(desk), by_(std::move(by)), filter_(std::move(filter)) {}

event_follower::~event_follower() { desk_.events.leave(this); }

std::shared_ptr<event_follower> event_follower::make(desk_parts& desk, domain::caller by, event_filter filter,
                                                     std::optional<event_position> after) {
  if (!desk.events.enter()) return nullptr;
  std::shared_ptr<event_follower> out(new event_follower(desk, std::move(by), std::move(filter)));
  out->begin(after);
  return out;
}

void event_follower::begin(const std::optional<event_position>& after) {
  auto [head, next] = desk_.events.head();
  start_ = after ? after->text() : head.text();
  number_ = next;
  if (!after) return;
  if (auto known = desk_.events.number_after(*after)) {
    number_ = *known;
    return;
  }
  auto now = desk_.clock.now().time_since_epoch().count();
  in_past_ = true;
  after_ms_ = std::min(after->ms, now);
  past_from_ = first_id(std::max(after_ms_ - overlap.count(), now - reach.count()));
  // An entry of this moment may have been given its id by a clock that was a little ahead.
  past_until_ms_ = now + overlap.count();
  doubtful_from_ms_ = now - overlap.count();
}

bool event_follower::takes(const domain::feed_event& e) const {
  bool seen = e.organization.is_nil() ? !by_.organization.has_value() : by_.sees(e.organization);
  return seen && filter_.takes(e);
}

void event_follower::next(domain::completion<std::vector<event_line>> done) {
  in_past_ ? read_past(std::move(done)) : read_live(std::move(done));
}

void event_follower::read_past(domain::completion<std::vector<event_line>> done) {
  auto until = std::min(ms_of(past_from_) + stretch_.count(), past_until_ms_);
  auto read = [self = shared_from_this(), until,
               done = std::move(done)](domain::result<std::vector<domain::trail_entry>> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    bool full = std::ssize(*found) == entries_max;
    self->stretch_ = full ? stretch_first : std::min(self->stretch_ * 2, stretch_max);
    self->past_from_ = full ? successor(found->back().id) : first_id(until);
    if (!full && until >= self->past_until_ms_) self->in_past_ = false;
    self->look_up_tickets(std::move(*found), std::move(done));
  };
  desk_.reader.list_trail({past_from_, first_id(until), entries_max, filter_.ticket}, store::scope::of(by_),
                          desk_.clock.steady_now() + read_limit,
                          domain::completion<std::vector<domain::trail_entry>>(std::move(read)));
}

void event_follower::look_up_tickets(std::vector<domain::trail_entry> entries,
                                     domain::completion<std::vector<event_line>> done) {
  std::vector<domain::ticket_ptr> live;
  std::vector<domain::ticket_id> others;
  std::unordered_set<domain::ticket_id> seen;
  for (const auto& entry : entries) {
    if (!entry.ticket || !seen.insert(*entry.ticket).second) continue;
    if (auto t = desk_.directory.find(*entry.ticket))
      live.push_back(std::move(t));
    else
      others.push_back(*entry.ticket);
  }
  if (others.empty()) return tell_past(entries, live, std::move(done));
  auto loaded = [self = shared_from_this(), entries = std::move(entries), live = std::move(live),
                 done = std::move(done)](domain::result<std::vector<domain::ticket_ptr>> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    std::ranges::move(*found, std::back_inserter(live));
    self->tell_past(entries, live, std::move(done));
  };
  desk_.reader.load_tickets(std::move(others), store::scope::of(by_), desk_.clock.steady_now() + read_limit,
                            domain::completion<std::vector<domain::ticket_ptr>>(std::move(loaded)));
}

void event_follower::tell_past(const std::vector<domain::trail_entry>& entries,
                               const std::vector<domain::ticket_ptr>& tickets,
                               domain::completion<std::vector<event_line>> done) {
  std::vector<event_line> lines;
  for (const auto& entry : entries) {
    domain::ticket_ptr now;
    if (entry.ticket) {
      auto t = std::ranges::find_if(tickets, [&](const auto& each) { return each->id == *entry.ticket; });
      if (t == tickets.end()) continue;
      now = *t;
    }
    // Never before the place that the follower has reached: he would go back a little further each time.
    event_position at{std::max(after_ms_, ms_of(entry.id)), 0};
    for (auto& event : domain::feed_of(entry, now.get())) {
      if (!takes(event)) continue;
      if (ms_of(entry.id) >= doubtful_from_ms_) told_.insert(event.id);
      lines.push_back({at.text(), std::make_shared<const domain::feed_event>(std::move(event))});
    }
  }
  done(std::move(lines));
}

void event_follower::read_live(domain::completion<std::vector<event_line>> done) {
  std::vector<event_line> lines;
  // One of the two has the callback: whoever comes first.
  auto shared = std::make_shared<domain::completion<std::vector<event_line>>>(std::move(done));
  auto wake = [shared] { (*shared)(std::vector<event_line>{}); };
  auto how = desk_.events.take(
      this, number_, lines_max,
      [this](const domain::feed_event& e) { return takes(e) && (told_.empty() || told_.erase(e.id) == 0); }, lines,
      std::move(wake));
  if (how == event_hub::reading::waiting) return;
  if (how == event_hub::reading::closed) return (*shared)(domain::fail(domain::errc::shutting_down));
  if (how == event_hub::reading::behind) return (*shared)(domain::fail(domain::errc::overloaded));
  (*shared)(std::move(lines));
}

}  // namespace usher::actors
