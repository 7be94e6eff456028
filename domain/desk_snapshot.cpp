#include "domain/desk_snapshot.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr std::array all_tiers{tier::enterprise, tier::professional, tier::starter, tier::free};
constexpr std::array all_priorities{priority::critical, priority::high, priority::medium, priority::low};

template <class Enum>
std::size_t index(Enum e) {
  return static_cast<std::size_t>(e);
}

void member_seconds(json_writer& w, std::string_view name, const std::optional<milliseconds>& time) {
  w.key(name);
  time ? w.value(static_cast<double>(time->count()) / 1000) : w.value(nullptr);
}

void write_times(json_writer& w, std::string_view name, const time_figures& f) {
  w.key(name);
  w.begin_object();
  w.member("count", f.count);
  member_seconds(w, "median_seconds", f.median);
  member_seconds(w, "p90_seconds", f.p90);
  member_seconds(w, "longest_seconds", f.longest);
  w.end_object();
}

}  // namespace

time_figures figures_of(std::vector<milliseconds> times) {
  time_figures out;
  out.count = std::ssize(times);
  if (times.empty()) return out;
  std::ranges::sort(times);
  auto rank = [&](std::size_t percent) { return times[(times.size() * percent + 99) / 100 - 1]; };
  out.median = rank(50);
  out.p90 = rank(90);
  out.longest = times.back();
  return out;
}

void snapshot_builder::add(const ticket& t) {
  for (const auto& e : t.escalations)
    if (e.waits()) ++unacknowledged_;
  if (!t.counts_as_open()) return;
  auto& here = by_[index(t.tier)][index(t.priority)];
  ++here.open;
  // As the filter `sla` of the list has it.
  if (auto from = t.at_risk_at(); from && *from <= now_) ++here.at_risk;
  if (std::ranges::any_of(t.clocks, [this](const auto& c) { return c.breached_at(now_).has_value(); })) ++here.breached;
  if (t.assignee_id.empty()) ++unassigned_;
  if (t.urgency == urgency::emergency) ++emergencies_;
  for (const auto& clock : t.clocks) {
    if (clock.kind() == clock_kind::resolution || !clock.is_open()) continue;
    waiting_.push_back(std::max(now_ - clock.started_at(), milliseconds{0}));
    break;
  }
}

void snapshot_builder::write(json_writer& w, const counts& c) {
  w.member("open", c.open);
  w.member("at_risk", c.at_risk);
  w.member("breached", c.breached);
}

void snapshot_builder::write_groups(json_writer& w) const {
  w.key("by_tier");
  w.begin_object();
  for (auto t : all_tiers) {
    counts sum;
    for (auto p : all_priorities) sum += by_[index(t)][index(p)];
    w.key(to_word(t));
    w.begin_object();
    write(w, sum);
    w.end_object();
  }
  w.end_object();
  w.key("by_priority");
  w.begin_object();
  for (auto p : all_priorities) {
    counts sum;
    for (auto t : all_tiers) sum += by_[index(t)][index(p)];
    w.key(to_word(p));
    w.begin_object();
    write(w, sum);
    w.end_object();
  }
  w.end_object();
  w.key("groups");
  w.begin_array();
  for (auto t : all_tiers) {
    for (auto p : all_priorities) {
      const auto& here = by_[index(t)][index(p)];
      if (here.open == 0) continue;
      w.begin_object();
      w.member("tier", to_word(t));
      w.member("priority", to_word(p));
      write(w, here);
      w.end_object();
    }
  }
  w.end_array();
}

std::string snapshot_builder::to_json(const std::vector<stopped_clock>& stopped) const {
  std::string out;
  json_writer w(out);
  w.begin_object();
  counts all;
  for (const auto& tier : by_)
    for (const auto& here : tier) all += here;
  write(w, all);
  w.member("unassigned", unassigned_);
  w.member("emergencies", emergencies_);
  w.member("escalations_unacknowledged", unacknowledged_);
  write_groups(w);
  std::vector<milliseconds> responses;
  std::vector<milliseconds> resolutions;
  for (const auto& each : stopped)
    (each.kind == clock_kind::resolution ? resolutions : responses).push_back(each.elapsed);
  write_times(w, "response", figures_of(std::move(responses)));
  write_times(w, "resolution", figures_of(std::move(resolutions)));
  write_times(w, "queue_age", figures_of(waiting_));
  w.end_object();
  return out;
}

std::string name_snapshot(const uuid& id, instant at, std::string_view figures) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.member("id", id);
  w.member("at", at);
  out += ',';
  out += figures.substr(1);
  return out;
}

}  // namespace usher::domain
