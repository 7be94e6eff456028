// How long a choice takes among 10,000 agents with 100,000 tickets waiting, and a simulated Saturday against round
// robin and chance. No actors and no store: the rules alone.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "domain/agent_index.hpp"
#include "domain/waiting_tickets.hpp"

namespace {

using namespace usher::domain;
using namespace std::chrono_literals;

const instant saturday = std::chrono::sys_days{std::chrono::year{2026} / 6 / 13};

struct world {
  explicit world(unsigned seed) : random(seed) {
    for (const auto& [code, c] : settings.categories) codes.push_back(code);
    for (const auto& [code, c] : settings.categories)
      for (const auto& s : c.skills)
        if (std::ranges::find(skills, s) == skills.end()) skills.push_back(s);
  }
  int any(int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); }

  agent person(int number) {
    agent a;
    a.id = "agent-" + std::to_string(number);
    a.presence = presence::online;
    a.capacity = 6 + any(6);
    a.wedding_specialist = any(9) == 0;
    for (int i = 3 + any(2); i > 0; --i)
      a.skills.push_back({skills[static_cast<std::size_t>(any(static_cast<int>(skills.size()) - 1))], 1 + any(4)});
    return a;
  }
  ticket_ptr make(instant at) {
    auto t = std::make_shared<ticket>();
    t->id = ticket_id::generate();
    t->organization.value = named_uuid("organization " + std::to_string(any(500)));
    t->created_at = at;
    t->category = codes[static_cast<std::size_t>(any(static_cast<int>(codes.size()) - 1))];
    t->priority = static_cast<priority>(std::min(3, any(7)));
    return t;
  }

  std::mt19937 random;
  desk_settings settings = desk_settings::defaults();
  std::vector<std::string> codes;
  std::vector<std::string> skills;
};

/// Time of this thread alone: what else the machine does is no part of a choice.
double thread_micros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <class Call>
void measure(const char* what, int times, Call call) {
  std::vector<double> micros;
  for (int i = 0; i < times; ++i) {
    auto begun = thread_micros();
    call();
    micros.push_back(thread_micros() - begun);
  }
  std::ranges::sort(micros);
  auto at = [&](double share) { return micros[static_cast<std::size_t>(share * static_cast<double>(times - 1))]; };
  std::printf("%-44s p50 %8.1f us  p99 %8.1f us  max %8.1f us\n", what, at(0.5), at(0.99), micros.back());
}

void choose() {
  world w(7);
  agent_index index;
  constexpr int agents = 10'000;
  for (int i = 0; i < agents; ++i) index.put(w.person(i), true);
  waiting_tickets waiting;
  for (int i = 0; i < 100'000; ++i) waiting.put(w.make(saturday + std::chrono::seconds(i)), saturday, i % 50 == 0);
  std::printf("%d agents, all there and with room; %zu tickets wait\n", agents, waiting.size());
  auto fresh = w.make(saturday);
  auto of_kind = [&](choice_kind kind) {
    return [&, kind] {
      fresh = w.make(saturday);
      if (index.best(needs_of(*fresh, w.settings, kind)))
        index.given("agent-" + std::to_string(w.any(agents - 1)), saturday);
    };
  };
  measure("who gets a ticket, by skill", 20'000, of_kind(choice_kind::skilled));
  measure("who gets a ticket, anybody", 2'000, of_kind(choice_kind::best));
  measure("who gets an emergency", 2'000, of_kind(choice_kind::emergency));
  measure("what an agent takes of what waits", 20'000, [&] {
    auto who = "agent-" + std::to_string(w.any(agents - 1));
    auto suits = [&](const ticket_ptr& t, bool anybody) {
      auto needs = needs_of(*t, w.settings, anybody ? choice_kind::best : choice_kind::skilled);
      auto stands = index.snapshot_of(who, needs);
      return stands && usher::domain::suits(needs, *stands);
    };
    if (auto t = waiting.next_for(*index.find(who), w.settings, suits)) {
      waiting.remove(t->id);
      waiting.put(w.make(saturday + 100'000s), saturday, false);
    }
  });
  measure("a load that changes", 20'000, [&] { index.add_load("agent-" + std::to_string(w.any(agents - 1)), 1); });
}

enum class way { usher, round_robin, chance };

/// Sixty people in three shifts of eight hours and 20,000 tickets within sixteen.
class day {
 public:
  explicit day(way how) : how_(how), w_(20'260'613) {
    for (int i = 0; i < 60; ++i) {
      auto& p = people_.emplace_back();
      p.who = w_.person(i);
      p.from = saturday + 6h + (i % 3) * 4h;
      p.to = p.from + 8h;
      p.who.presence = presence::online;
      index_.put(p.who, false);
      places_[p.who.id] = static_cast<std::size_t>(i);
      at(p.from, [this, i] { begin(i); });
      at(p.to, [this, i] { end(i); });
    }
    for (int i = 0; i < 20'000; ++i) {
      auto when = saturday + 6h + std::chrono::milliseconds(w_.any(16 * 3600 * 1000));
      auto t = w_.make(when);
      at(when, [this, t] { arrive(t); });
    }
  }

  void run(const char* name) {
    while (!events_.empty()) {
      auto next = events_.top();
      events_.pop();
      now_ = next.when;
      if (now_ > saturday + 22h) break;
      next.what();
    }
    report(name);
  }

 private:
  struct event {
    instant when{};
    std::uint64_t order = 0;
    std::function<void()> what;
    bool operator<(const event& other) const { return when != other.when ? when > other.when : order > other.order; }
  };
  struct human {
    agent who;
    instant from{};
    instant to{};
    bool on_shift = false;
    std::deque<ticket_ptr> has;
    bool busy = false;
    int done = 0;
  };

  void at(instant when, std::function<void()> what) { events_.push({when, ++order_, std::move(what)}); }
  ticket_needs needs(const ticket_ptr& t, bool anybody) {
    return needs_of(*t, w_.settings, anybody ? choice_kind::best : choice_kind::skilled);
  }
  double match(const human& p, const ticket_ptr& t) {
    const auto& wanted = w_.settings.find_category(t->category)->skills;
    double sum = 0;
    for (const auto& skill : wanted)
      for (const auto& s : p.who.skills)
        if (s.skill == skill) sum += s.level / 5.0 / static_cast<double>(wanted.size());
    return std::min(1.0, sum);
  }

  void begin(int i) {
    auto& p = people_[static_cast<std::size_t>(i)];
    p.on_shift = true;
    index_.set_on_shift(p.who.id, true);
    if (how_ == way::usher) take(p);
  }
  void end(int i) {
    auto& p = people_[static_cast<std::size_t>(i)];
    p.on_shift = false;
    index_.set_on_shift(p.who.id, false);
    auto left = std::exchange(p.has, {});
    if (p.busy && !left.empty()) {  // what is being answered is finished
      p.has.push_back(left.front());
      left.pop_front();
    }
    for (const auto& t : left) {
      index_.add_load(p.who.id, -weight_for(t->priority, p.who.capacity));
      if (how_ == way::usher)
        arrive(t);
      else
        ++stranded_;
    }
  }
  void arrive(const ticket_ptr& t) {
    if (how_ == way::usher) {
      if (auto best = index_.best(needs(t, false))) return give(t, people_[places_[best->agent_id]], true);
      waiting_.put(t, now_, false);
      at(now_ + 5min, [this] { relax(); });
      return;
    }
    std::vector<human*> here;
    for (auto& p : people_)
      if (p.on_shift) here.push_back(&p);
    if (here.empty()) return void(++stranded_);
    auto place = how_ == way::chance ? static_cast<std::size_t>(w_.any(static_cast<int>(here.size()) - 1))
                                     : turn_++ % here.size();
    give(t, *here[place], match(*here[place], t) > 0);
  }
  void relax() {
    for (const auto& t : waiting_.relax(now_ - 5min, 1000)) {
      if (auto best = index_.best(needs(t, true))) {
        waiting_.remove(t->id);
        auto& p = people_[places_[best->agent_id]];
        give(t, p, match(p, t) > 0);
      }
    }
  }
  void take(human& p) {
    while (p.on_shift) {
      auto suits = [&](const ticket_ptr& t, bool anybody) {
        auto n = needs(t, anybody);
        auto stands = index_.snapshot_of(p.who.id, n);
        return stands && usher::domain::suits(n, *stands);
      };
      auto t = waiting_.next_for(p.who, w_.settings, suits);
      if (!t) return;
      waiting_.remove(t->id);
      give(t, p, match(p, t) > 0);
    }
  }
  void give(const ticket_ptr& t, human& p, bool skilled) {
    ++given_;
    if (skilled) ++skilled_;
    if (!p.on_shift) ++off_shift_;
    index_.add_load(p.who.id, weight_for(t->priority, p.who.capacity));
    index_.given(p.who.id, now_);
    if (index_.load_of(p.who.id) > p.who.capacity) ++over_;
    p.has.push_back(t);
    if (!p.busy) work(p);
  }
  void work(human& p) {
    p.busy = !p.has.empty();
    if (!p.busy) return;
    auto t = p.has.front();
    waits_.push_back(std::chrono::duration<double>(now_ - t->created_at).count());
    double seconds = 55 * (1.6 - match(p, t)) * (0.5 + w_.any(1000) / 1000.0);
    at(now_ + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)), [this, &p] {
      auto done = p.has.front();
      p.has.pop_front();
      ++p.done;
      index_.add_load(p.who.id, -weight_for(done->priority, p.who.capacity));
      if (how_ == way::usher) take(p);
      if (p.on_shift || how_ == way::usher)
        work(p);
      else
        p.busy = false;
    });
  }

  void report(const char* name) {
    std::ranges::sort(waits_);
    std::vector<double> done;
    double sum = 0;
    for (const auto& p : people_) {
      done.push_back(p.done);
      sum += p.done;
    }
    std::ranges::sort(done);
    double gini = 0;
    for (std::size_t i = 0; i < done.size(); ++i)
      gini += (2.0 * static_cast<double>(i + 1) - static_cast<double>(done.size()) - 1) * done[i];
    gini /= static_cast<double>(done.size()) * std::max(1.0, sum);
    auto wait = [&](double share) {
      return waits_[static_cast<std::size_t>(share * static_cast<double>(waits_.size() - 1))];
    };
    std::printf("| %-11s | %6.1f %% | %6.0f | %5.3f | %7.0f s | %7.0f s | %6d | %5d | %8d |\n", name,
                100.0 * skilled_ / given_, sum, gini, wait(0.5), wait(0.95), over_, off_shift_, stranded_);
  }

  way how_;
  world w_;
  agent_index index_;
  waiting_tickets waiting_;
  std::deque<human> people_;
  std::map<std::string, std::size_t> places_;
  std::priority_queue<event> events_;
  std::uint64_t order_ = 0;
  instant now_{};
  std::size_t turn_ = 0;
  std::vector<double> waits_;
  int given_ = 0, skilled_ = 0, over_ = 0, off_shift_ = 0, stranded_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  std::string what = count > 1 ? arguments[1] : "all";
  if (what == "all" || what == "choose") choose();
  if (what == "all" || what == "saturday") {
    std::printf("| way         | skilled  | done   | Gini  | wait p50  | wait p95  | over   | off   | stranded |\n");
    std::printf("| ---         | ---      | ---    | ---   | ---       | ---       | ---    | ---   | ---      |\n");
    day(way::usher).run("usher");
    day(way::round_robin).run("round robin");
    day(way::chance).run("chance");
  }
  return 0;
}
