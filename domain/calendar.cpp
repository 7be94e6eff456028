#include "domain/calendar.hpp"

#include <algorithm>

#include <date/tz.h>

namespace usher::domain {

namespace {

using std::chrono::days;
using std::chrono::minutes;

/// A window on the time line.
struct opening {
  instant begin;
  instant end;
  bool holiday;
};

/// The edges of windows, as instants. Edges are asked for in ascending order, so the stretches of constant offset
/// between two changes are walked once, and the zone's table is looked up only where one ends.
class edge_finder {
 public:
  /// For edges that are local times of `first` or later.
  edge_finder(const date::time_zone& zone, std::chrono::local_days first) : zone_(zone) {
    // No zone is a day ahead of UTC, so two days before there the wall clock has not shown `first` yet.
    load(instant{first.time_since_epoch()} - days{2});
  }

  /// The first instant at which the wall clock shows `local` or a later time.
  instant at(std::chrono::local_time<milliseconds> local) {
    while (true) {
      instant reached = std::max(begin_, instant{local.time_since_epoch()} - offset_);
      if (reached < end_) return reached;
      load(end_);
    }
  }

 private:
  void load(instant at) {
    auto info = zone_.get_info(at);
    begin_ = info.begin;
    end_ = info.end;
    offset_ = info.offset;
  }

  const date::time_zone& zone_;
  instant begin_{};
  instant end_{};
  milliseconds offset_{};
};

/// The windows that end after `from` and begin before `to`, in order, those of holidays too.
class opening_cursor {
 public:
  opening_cursor(const calendar_rules& rules, const date::time_zone& zone, instant from, instant to)
      : rules_(rules),
        from_(from),
        to_(to),
        day_(first_day(from)),
        holiday_(std::ranges::lower_bound(rules.holidays, day_)),
        edges_(zone, day_) {}

  std::optional<opening> next() {
    while (true) {
      const auto& windows = rules_.weekly[weekday_index()];
      if (index_ == windows.size()) {
        ++day_;
        index_ = 0;
        // A local day begins at most 15 hours before the UTC day of its name.
        if (instant{day_.time_since_epoch()} - days{1} >= to_) return std::nullopt;
        continue;
      }
      const auto& window = windows[index_++];
      opening found{edges_.at(day_ + minutes{window.begin}), edges_.at(day_ + minutes{window.end}), is_holiday()};
      if (found.begin >= to_) return std::nullopt;
      if (found.end > from_ && found.end > found.begin) return found;
    }
  }

 private:
  // A window ends within 48 hours of its day's midnight, which is at most 13 hours after the one of UTC.
  static std::chrono::local_days first_day(instant from) {
    return std::chrono::local_days{std::chrono::floor<days>(from).time_since_epoch()} - days{3};
  }

  [[nodiscard]] std::size_t weekday_index() const { return std::chrono::weekday{day_}.iso_encoding() - 1; }

  bool is_holiday() {
    while (holiday_ != rules_.holidays.end() && *holiday_ < day_) ++holiday_;
    return holiday_ != rules_.holidays.end() && *holiday_ == day_;
  }

  const calendar_rules& rules_;
  instant from_;
  instant to_;
  std::chrono::local_days day_;
  std::size_t index_ = 0;
  std::vector<std::chrono::local_days>::const_iterator holiday_;
  edge_finder edges_;
};

instant clamped(instant at) { return std::clamp(at, earliest_instant, latest_instant); }

/// Every day from midnight to midnight: then the zone does not matter.
bool covers_everything(const calendar_rules& rules) {
  if (!rules.holidays.empty()) return false;
  minutes covered{0};
  for (const auto& windows : rules.weekly) {
    for (const auto& w : windows) covered += minutes{w.end - w.begin};
  }
  return covered == days{7};
}

void append(std::vector<calendar_stretch>& all, instant to, stretch_kind kind) {
  auto& last = all.back();
  if (last.kind == kind || last.from == last.to) {
    last.kind = kind;
    last.to = to;
  } else if (last.to < to) {
    all.push_back({last.to, to, kind});
  }
}

}  // namespace

calendar::calendar(calendar_rules rules, const date::time_zone* zone, bool always)
    : rules_(std::move(rules)), zone_(zone), always_(always) {}

result<calendar> calendar::make(calendar_rules rules) {
  if (auto valid = validate(rules); !valid) return std::unexpected(std::move(valid.error()));
  for (auto& windows : rules.weekly) std::ranges::sort(windows);
  std::ranges::sort(rules.holidays);
  auto twice = std::ranges::unique(rules.holidays);
  rules.holidays.erase(twice.begin(), twice.end());
  const auto* zone = date::locate_zone(rules.time_zone);
  const bool always = covers_everything(rules);
  return calendar(std::move(rules), zone, always);
}

const calendar& calendar::round_the_clock() {
  static const calendar all = [] {
    calendar_rules rules{{}, "Round the clock", "UTC", {}, {}, 1};
    for (auto& windows : rules.weekly) windows = {{0, 24 * 60}};
    return calendar(std::move(rules), nullptr, true);
  }();
  return all;
}

bool calendar::is_open(instant at) const { return next_open(at) == at; }

std::optional<instant> calendar::next_open(instant at) const {
  if (always_) return at;
  at = clamped(at);
  opening_cursor windows(rules_, *zone_, at, at + calendar_horizon);
  while (auto window = windows.next()) {
    if (!window->holiday) return std::max(window->begin, at);
  }
  return std::nullopt;
}

milliseconds calendar::counted(instant from, instant to) const {
  if (to <= from) return milliseconds{0};
  if (always_) return to - from;
  from = clamped(from);
  to = clamped(to);
  milliseconds sum{0};
  opening_cursor windows(rules_, *zone_, from, to);
  while (auto window = windows.next()) {
    if (!window->holiday) sum += std::min(window->end, to) - std::max(window->begin, from);
  }
  return sum;
}

std::optional<instant> calendar::after(instant from, milliseconds span) const {
  if (span <= milliseconds{0}) return from;
  if (always_) return from + span;
  from = clamped(from);
  opening_cursor windows(rules_, *zone_, from, from + calendar_horizon);
  while (auto window = windows.next()) {
    if (window->holiday) continue;
    instant begin = std::max(window->begin, from);
    if (span <= window->end - begin) return begin + span;
    span -= window->end - begin;
  }
  return std::nullopt;
}

std::vector<calendar_stretch> calendar::stretches(instant from, instant to, std::size_t max) const {
  if (to <= from || max == 0) return {};
  if (always_) return {{from, to, stretch_kind::open}};
  from = clamped(from);
  to = clamped(to);
  if (from == to) return {};
  std::vector<calendar_stretch> all{{from, from, stretch_kind::closed}};
  opening_cursor windows(rules_, *zone_, from, to);
  // A window adds two at most, and the last two may still grow: those past `max` are cut off at the end.
  while (all.size() <= max) {
    auto window = windows.next();
    if (!window) break;
    append(all, std::max(window->begin, from), stretch_kind::closed);
    append(all, std::min(window->end, to), window->holiday ? stretch_kind::holiday : stretch_kind::open);
  }
  if (all.size() <= max) append(all, to, stretch_kind::closed);
  if (all.size() > max) all.resize(max);
  return all;
}

}  // namespace usher::domain
