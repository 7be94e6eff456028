#include "actors/agent_board.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace usher::actors {

using domain::choice_kind;

struct agent_board::state {
  struct holding {
    std::string agent;
    int weight = 0;
  };
  struct held {
    domain::ticket_id ticket;
    holding of;
  };

  state(const domain::clock_port& given_clock, domain::assignment_rules given_rules)
      : clock(given_clock), rules(given_rules) {}

  const domain::clock_port& clock;
  const domain::assignment_rules rules;
  mutable std::mutex mutex;
  domain::settings_ptr settings;
  domain::agent_index agents;
  domain::waiting_tickets waiting;
  std::unordered_map<domain::ticket_id, holding> holders;  ///< the open tickets that somebody known has
  std::unordered_map<std::string, std::unordered_set<domain::ticket_id>> tickets_by_agent;
  std::unordered_map<std::uint64_t, held> holds;
  std::unordered_map<domain::ticket_id, int> held_tickets;
  std::uint64_t next_hold = 0;
  std::unordered_map<std::string, domain::instant> seen;
  std::function<void(board_news)> tell;

  // -- under the lock --
  [[nodiscard]] static bool is_protocol(const domain::ticket& t) {
    return t.escalation_level == domain::emergency_level;
  }
  [[nodiscard]] domain::ticket_needs needs(const domain::ticket& t, bool for_anybody) const {
    auto kind = is_protocol(t) ? choice_kind::emergency : for_anybody ? choice_kind::best : choice_kind::skilled;
    return needs_of(t, *settings, kind);
  }
  void settle_holder(const domain::ticket& t);
  void settle_waiting(const domain::ticket_ptr& t, domain::instant since, board_news& news);
  void note_record(const domain::change& what);
  void drop_holds(const domain::ticket& t);
  std::uint64_t hold(const domain::ticket& t, const std::string& agent);
  /// What the hold took goes back, unless its change was committed.
  void release(std::uint64_t number);
};

namespace {

/// Most tickets that become anybody's at once: others want the lock too.
constexpr std::size_t relaxed_at_once_max = 1000;

domain::calendar_ptr calendar_of(const domain::desk_settings& settings, const domain::agent& a) {
  if (!a.calendar) return nullptr;
  auto found = settings.calendars.find(*a.calendar);
  return found == settings.calendars.end() ? nullptr : found->second;
}

/// Whether it was the desk that chose, and not a person.
bool is_given(const domain::change& what) {
  return std::ranges::any_of(what.events, [](const auto& event) {
    const auto* moved = std::get_if<domain::ticket_assigned>(&event);
    return moved != nullptr && moved->note != nullptr;
  });
}

}  // namespace

// -- holds ------------------------------------------------------------------------------------------------------------

std::uint64_t agent_board::state::hold(const domain::ticket& t, const std::string& agent) {
  const auto* who = agents.find(agent);
  auto weight = domain::weight_for(t.priority, who->capacity);
  agents.add_load(agent, weight);
  agents.given(agent, clock.now());
  holds[++next_hold] = {t.id, {agent, weight}};
  ++held_tickets[t.id];
  return next_hold;
}

void agent_board::state::release(std::uint64_t number) {
  std::scoped_lock guard(mutex);
  auto found = holds.find(number);
  if (found == holds.end()) return;
  agents.add_load(found->second.of.agent, -found->second.of.weight);
  if (auto count = held_tickets.find(found->second.ticket); --count->second == 0) held_tickets.erase(count);
  holds.erase(found);
}

/// The change that a hold was for is committed: from now on the ticket itself counts.
void agent_board::state::drop_holds(const domain::ticket& t) {
  if (!held_tickets.contains(t.id)) return;
  for (auto each = holds.begin(); each != holds.end();) {
    if (each->second.ticket != t.id || each->second.of.agent != t.assignee_id) {
      ++each;
      continue;
    }
    agents.add_load(each->second.of.agent, -each->second.of.weight);
    if (auto count = held_tickets.find(t.id); --count->second == 0) held_tickets.erase(count);
    each = holds.erase(each);
  }
}

// -- what was committed -----------------------------------------------------------------------------------------------

void agent_board::state::settle_holder(const domain::ticket& t) {
  if (auto before = holders.find(t.id); before != holders.end()) {
    agents.add_load(before->second.agent, -before->second.weight);
    if (auto mine = tickets_by_agent.find(before->second.agent); mine != tickets_by_agent.end())
      mine->second.erase(t.id);
    holders.erase(before);
  }
  if (!t.counts_as_open() || t.assignee_id.empty()) return;
  const auto* who = agents.find(t.assignee_id);
  // A person who is no agent yet has a load all the same, and becomes one with it.
  auto weight = domain::weight_for(t.priority, who == nullptr ? 0 : who->capacity);
  agents.add_load(t.assignee_id, weight);
  holders[t.id] = {t.assignee_id, weight};
  tickets_by_agent[t.assignee_id].insert(t.id);
}

void agent_board::state::settle_waiting(const domain::ticket_ptr& t, domain::instant since, board_news& news) {
  if (!rules.automatic || agents.size() == 0) return;  // nobody to wait for
  if (!t->counts_as_open() || !t->assignee_id.empty()) return waiting.remove(t->id);
  waiting.put(t, since, is_protocol(*t));
  news.waits = true;
  if (auto best = agents.best(needs(*t, waiting.is_for_anybody(t->id)))) news.wake.push_back(best->agent_id);
}

void agent_board::state::note_record(const domain::change& what) {
  const auto& t = *what.after;
  if (t.assignee_id.empty()) return;
  for (const auto& event : what.events) {
    if (const auto* moved = std::get_if<domain::ticket_assigned>(&event); moved != nullptr && !moved->to.empty())
      agents.given(moved->to, what.at);
    if (const auto* rated = std::get_if<domain::ticket_rated>(&event)) agents.scored(rated->agent_id, rated->score);
    const auto* changed = std::get_if<domain::clock_changed>(&event);
    bool resolved = changed != nullptr && changed->kind == domain::clock_kind::resolution &&
                    changed->event.type == domain::clock_event_type::stop;
    if (!resolved) continue;
    agents.served(t.organization, t.assignee_id);
    const auto* folded = t.latest(changed->kind);
    if (folded != nullptr && folded->target().count() > 0)
      agents.finished(
          t.assignee_id, t.category,
          static_cast<double>(folded->elapsed(what.at).count()) / static_cast<double>(folded->target().count()));
  }
}

agent_board::agent_board(const domain::clock_port& clock, domain::assignment_rules rules)
    : state_(std::make_shared<state>(clock, rules)) {
  state_->settings = std::make_shared<const domain::desk_settings>(domain::desk_settings::defaults());
}

agent_board::~agent_board() = default;

void agent_board::listen(std::function<void(board_news)> to) {
  std::scoped_lock guard(state_->mutex);
  state_->tell = std::move(to);
}

void agent_board::loaded(const domain::ticket_ptr& t) {
  std::scoped_lock guard(state_->mutex);
  board_news unheard;  // the roster begins when all are loaded
  state_->settle_holder(*t);
  state_->settle_waiting(t, t->updated_at, unheard);
}

void agent_board::committed(const domain::change& what) {
  const auto& t = *what.after;
  board_news news;
  std::function<void(board_news)> tell;
  {
    std::scoped_lock guard(state_->mutex);
    auto& s = *state_;
    s.drop_holds(t);
    auto before = s.holders.find(t.id);
    auto had = before == s.holders.end() ? state::holding{} : before->second;
    s.settle_holder(t);
    auto after = s.holders.find(t.id);
    bool relieved = after == s.holders.end() || after->second.agent != had.agent || after->second.weight < had.weight;
    if (!had.agent.empty() && relieved && s.waiting.size() > 0) news.wake.push_back(had.agent);
    s.settle_waiting(what.after, what.at, news);
    s.note_record(what);
    bool moved = what.before == nullptr || what.before->assignee_id != t.assignee_id;
    if (t.silent_since && moved) news.sign_owed = t.id;
    bool there = t.assignee_id.empty() || s.agents.is_on_duty(t.assignee_id);
    bool reopened = what.before != nullptr && what.before->reopened < t.reopened;
    if (!there && (reopened || (moved && is_given(what)))) {
      news.astray = t.id;
      news.cause = reopened ? "reopened" : "offline";
    }
    tell = s.tell;
  }
  if (tell && !news.empty()) tell(std::move(news));
}

// -- what is set ------------------------------------------------------------------------------------------------------

std::vector<std::string> agent_board::take_settings(domain::settings_ptr settings) {
  std::scoped_lock guard(state_->mutex);
  auto& s = *state_;
  std::vector<std::string> changed;
  auto now = s.clock.now();
  for (const auto& [id, a] : settings->agents) {
    const auto* known = s.agents.find(id);
    bool is_new = known == nullptr;
    auto calendar = calendar_of(*settings, a);
    // A calendar may change without its agents.
    if (!is_new && known->version == a.version && calendar == calendar_of(*s.settings, a)) continue;
    s.agents.put(a, !calendar || calendar->is_open(now));
    if (is_new)
      if (auto mine = s.tickets_by_agent.find(id); mine != s.tickets_by_agent.end())
        for (const auto& ticket : mine->second) s.agents.add_load(id, s.holders[ticket].weight);
    changed.push_back(id);
  }
  s.settings = std::move(settings);
  return changed;
}

void agent_board::remember(const std::vector<store::agent_record>& agents,
                           const std::vector<store::customer_record>& customers) {
  std::scoped_lock guard(state_->mutex);
  for (const auto& each : agents)
    state_->agents.scored(each.agent,
                          domain::running_mean{static_cast<double>(each.sum), static_cast<double>(each.scores)});
  for (const auto& each : customers)
    state_->agents.served(each.organization, each.agent, static_cast<int>(each.tickets));
}

void agent_board::set_on_shift(const std::string& agent, bool on_shift) {
  std::scoped_lock guard(state_->mutex);
  state_->agents.set_on_shift(agent, on_shift);
}

void agent_board::seen(const std::string& who) {
  std::scoped_lock guard(state_->mutex);
  if (state_->agents.find(who) != nullptr) state_->seen[who] = state_->clock.now();
}

domain::instant agent_board::last_seen(const std::string& agent) const {
  std::scoped_lock guard(state_->mutex);
  auto found = state_->seen.find(agent);
  return found == state_->seen.end() ? domain::instant{} : found->second;
}

// -- the choice -------------------------------------------------------------------------------------------------------

const domain::assignment_rules& agent_board::rules() const { return state_->rules; }

std::optional<domain::held_choice> agent_board::choose(const domain::ticket& t,
                                                       const domain::ticket_needs& needs) const {
  std::scoped_lock guard(state_->mutex);
  auto best = state_->agents.best(needs);
  if (!best) return std::nullopt;
  auto number = state_->hold(t, best->agent_id);
  std::shared_ptr<void> hold(nullptr, [number, of = std::weak_ptr<state>(state_)](void*) {
    if (auto here = of.lock()) here->release(number);
  });
  return domain::held_choice{std::move(*best), std::move(hold)};
}

bool agent_board::is_on_duty(std::string_view agent) const {
  std::scoped_lock guard(state_->mutex);
  return state_->agents.is_on_duty(agent);
}

std::vector<domain::candidate> agent_board::rank(const domain::ticket_needs& needs, std::size_t limit) const {
  std::scoped_lock guard(state_->mutex);
  return state_->agents.rank(needs, limit);
}

std::optional<taken_ticket> agent_board::take_for(const std::string& agent) {
  std::scoped_lock guard(state_->mutex);
  auto& s = *state_;
  const auto* who = s.agents.find(agent);
  if (who == nullptr || !s.agents.is_on_duty(agent)) return std::nullopt;
  std::optional<domain::agent_snapshot> stands;
  domain::ticket_needs wanted;
  auto suits = [&](const domain::ticket_ptr& t, bool for_anybody) {
    if (s.held_tickets.contains(t->id)) return false;
    wanted = s.needs(*t, for_anybody);
    stands = s.agents.snapshot_of(agent, wanted);
    return stands && domain::suits(wanted, *stands);
  };
  auto found = s.waiting.next_for(*who, *s.settings, suits);
  if (!found || !suits(found, s.waiting.is_for_anybody(found->id))) return std::nullopt;
  domain::candidate chosen{agent, domain::score_of(wanted, *stands), domain::reasons_of(wanted, *stands)};
  auto number = s.hold(*found, agent);
  std::shared_ptr<void> hold(nullptr, [number, of = std::weak_ptr<state>(state_)](void*) {
    if (auto here = of.lock()) here->release(number);
  });
  return taken_ticket{std::move(found), {std::move(chosen), std::move(hold)}};
}

// -- what waits -------------------------------------------------------------------------------------------------------

std::vector<domain::ticket_ptr> agent_board::relax() {
  board_news news;
  std::vector<domain::ticket_ptr> unserved;
  std::function<void(board_news)> tell;
  {
    std::scoped_lock guard(state_->mutex);
    auto& s = *state_;
    for (auto& t : s.waiting.relax(s.clock.now() - s.rules.relax_after, relaxed_at_once_max)) {
      if (auto best = s.agents.best(s.needs(*t, true)))
        news.wake.push_back(std::move(best->agent_id));
      else
        unserved.push_back(std::move(t));
    }
    tell = s.tell;
  }
  if (tell && !news.empty()) tell(std::move(news));
  return unserved;
}

std::optional<domain::instant> agent_board::next_relax() const {
  std::scoped_lock guard(state_->mutex);
  auto since = state_->waiting.next_to_relax();
  if (!since) return std::nullopt;
  return *since + state_->rules.relax_after;
}

std::size_t agent_board::waiting() const {
  std::scoped_lock guard(state_->mutex);
  return state_->waiting.size();
}

int agent_board::load_of(const std::string& agent) const {
  std::scoped_lock guard(state_->mutex);
  if (state_->agents.find(agent) != nullptr) return state_->agents.load_of(agent);
  return 0;
}

std::vector<domain::ticket_id> agent_board::tickets_of(const std::string& agent) const {
  std::scoped_lock guard(state_->mutex);
  auto found = state_->tickets_by_agent.find(agent);
  if (found == state_->tickets_by_agent.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::string agent_board::holder_of(const domain::ticket_id& ticket) const {
  std::scoped_lock guard(state_->mutex);
  auto found = state_->holders.find(ticket);
  return found == state_->holders.end() ? std::string() : found->second.agent;
}

double agent_board::online() const {
  std::scoped_lock guard(state_->mutex);
  return static_cast<double>(state_->agents.online());
}

double agent_board::load_ratio() const {
  std::scoped_lock guard(state_->mutex);
  return state_->agents.load_ratio();
}

}  // namespace usher::actors
