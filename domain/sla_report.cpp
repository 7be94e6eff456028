#include "domain/sla_report.hpp"

#include <algorithm>
#include <array>

namespace usher::domain {

namespace {

/// `2 h 5 min`, `12 min 30 s`, `0.4 s`: what people read, the two largest units that say something.
std::string in_words(milliseconds time) {
  struct unit {
    std::int64_t ms;
    std::string_view name;
  };
  constexpr std::array units{unit{86'400'000, "d"}, unit{3'600'000, "h"}, unit{60'000, "min"}, unit{1000, "s"}};
  auto left = std::abs(time.count());
  std::string out = time.count() < 0 ? "-" : "";
  if (left < 1000) return out + std::to_string(left) + " ms";
  int shown = 0;
  for (const auto& u : units) {
    if (left < u.ms || shown == 2) continue;
    if (shown++ > 0) out += ' ';
    out += std::to_string(left / u.ms) + " " + std::string(u.name);
    left %= u.ms;
  }
  return out;
}

std::string name_of(const sla_clock& clock) {
  std::string name(to_word(clock.kind()));
  std::replace(name.begin(), name.end(), '_', ' ');
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return name + " (cycle " + std::to_string(clock.cycle()) + ")";
}

std::string how_it_stands(const sla_clock& clock, instant now) {
  switch (clock.state(now)) {
    case clock_state::running:
      return "It is running and falls due at " + format_rfc3339(*clock.due_at()) + ", in " +
             in_words(*clock.due_at() - now) + ".";
    case clock_state::paused:
      return "It is paused with " + in_words(clock.target() - clock.elapsed(now)) + " left.";
    case clock_state::met:
      return "It was met: it stopped at " + format_rfc3339(*clock.stopped_at()) + " with " +
             in_words(clock.target() - clock.elapsed(now)) + " to spare.";
    case clock_state::breached: {
      std::string text = "It was breached at " + format_rfc3339(*clock.breached_at(now));
      if (auto stopped = clock.stopped_at()) return text + ", and stopped at " + format_rfc3339(*stopped) + ".";
      return text + ", and has not stopped.";
    }
    case clock_state::cancelled:
      return "It was cancelled.";
  }
  return {};
}

/// Follows one clock through its events.
class narrator {
 public:
  explicit narrator(const clock_changed& start) : clock_(start.kind, start.cycle, start.event) {
    open(start.event.at, true, "running");
  }

  [[nodiscard]] bool is(const clock_changed& e) const { return e.kind == clock_.kind() && e.cycle == clock_.cycle(); }

  void tell(const clock_event& e) {
    switch (e.type) {
      case clock_event_type::start:
        if (!intervals_.empty()) intervals_.front().from = std::min(intervals_.front().from, e.at);
        break;
      case clock_event_type::pause:
        close(e.at);
        open(e.at, false, e.reason);
        break;
      case clock_event_type::resume:
        close(e.at);
        open(e.at, true, "running");
        break;
      case clock_event_type::retarget:
        changes_ += " The target became " + in_words(e.target.value_or(clock_.target())) + " at " +
                    format_rfc3339(e.at) + " (" + e.reason + ").";
        break;
      case clock_event_type::breach:
        break;
      case clock_event_type::stop:
        close(e.at);
        break;
      case clock_event_type::cancel:
        close(e.at);
        cancel_reason_ = e.reason;
        break;
    }
    clock_.apply(e);
  }

  clock_report finish(instant now) && {
    if (clock_.is_open()) close(now);
    milliseconds paused{0};
    for (const auto& i : intervals_)
      if (!i.counted) paused += i.to - i.from;
    std::string text = name_of(clock_) + " started at " + format_rfc3339(clock_.started_at()) + " with a target of " +
                       in_words(clock_.target()) + "." + changes_ + " " + in_words(clock_.elapsed(now)) + " counted";
    if (paused.count() > 0) text += ", " + in_words(paused) + " did not";
    text += ". " + how_it_stands(clock_, now);
    if (!cancel_reason_.empty()) text += " Why: " + cancel_reason_ + ".";
    return {std::move(clock_), std::move(intervals_), std::move(cancel_reason_), std::move(text)};
  }

 private:
  void open(instant at, bool counted, std::string why) {
    intervals_.push_back({at, at, counted, why.empty() ? "paused" : std::move(why)});
  }
  void close(instant at) {
    if (intervals_.empty()) return;
    auto& last = intervals_.back();
    last.to = std::max(at, last.from);
    if (last.to == last.from && intervals_.size() > 1) intervals_.pop_back();
  }

  sla_clock clock_;
  std::vector<clock_interval> intervals_;
  std::string cancel_reason_;
  std::string changes_;
};

}  // namespace

std::vector<clock_report> explain_clocks(const std::vector<clock_changed>& events, instant now) {
  std::vector<narrator> clocks;
  for (const auto& e : events) {
    auto known = std::find_if(clocks.begin(), clocks.end(), [&](const narrator& c) { return c.is(e); });
    if (known != clocks.end())
      known->tell(e.event);
    else if (e.event.type == clock_event_type::start)
      clocks.emplace_back(e);
  }
  std::vector<clock_report> all;
  for (auto& clock : clocks) all.push_back(std::move(clock).finish(now));
  return all;
}

}  // namespace usher::domain
