// What goes over all tickets: the check of every clock, and the application of new policies.
#include <algorithm>
#include <unordered_set>

#include "actors/desk_gateway.hpp"
#include "domain/ticket_decide.hpp"

namespace usher::actors {

namespace {

/// Tickets that are asked at the same time.
constexpr std::size_t asked_max = 256;
constexpr std::size_t changes_shown_max = 100;
/// A timer that is later than this has been lost: it is not only waiting for its turn.
constexpr domain::milliseconds lateness_max{2000};
constexpr int due_max = 10'000;

/// Asks one ticket after the other; keeps itself alive until the last has answered.
class all_tickets : public std::enable_shared_from_this<all_tickets> {
 public:
  using ask = std::function<void(domain::ticket_id, domain::completion<outcome>)>;

  all_tickets(std::vector<domain::ticket_id> tickets, ask how, std::function<void(const domain::change&)> each,
              domain::completion<std::monostate> done)
      : tickets_(std::move(tickets)), ask_(std::move(how)), each_(std::move(each)), done_(std::move(done)) {}

  void start() {
    auto width = std::min(asked_max, tickets_.size());
    running_ = width + 1;
    for (std::size_t i = 0; i < width; ++i) next();
    end_one();
  }

 private:
  /// Gone, or set aside with an alert of its own.
  static bool is_harmless(domain::errc code) {
    return code == domain::errc::not_found || code == domain::errc::quarantined;
  }
  void next() {
    auto index = next_.fetch_add(1);
    if (index >= tickets_.size()) return end_one();
    ask_(tickets_[index], domain::completion<outcome>([self = shared_from_this()](domain::result<outcome> answer) {
           if (answer) {
             std::scoped_lock guard(self->mutex_);
             self->each_(answer->what);
           } else if (!is_harmless(answer.error().code)) {
             std::scoped_lock guard(self->mutex_);
             self->failure_ = std::move(answer.error());
           }
           self->next();
         }));
  }
  void end_one() {
    if (running_.fetch_sub(1) != 1) return;
    if (failure_) return done_(std::unexpected(std::move(*failure_)));
    done_(std::monostate{});
  }

  std::vector<domain::ticket_id> tickets_;
  ask ask_;
  std::function<void(const domain::change&)> each_;
  domain::completion<std::monostate> done_;
  std::mutex mutex_;
  std::optional<domain::error> failure_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> running_{0};
};

void count(check_report& report, const domain::change& what) {
  for (const auto& event : what.events) {
    const auto* told = std::get_if<domain::escalated>(&event);
    if (told != nullptr && told->escalation.state == domain::escalation_state::fired) ++report.fired;
    const auto* clock = std::get_if<domain::clock_changed>(&event);
    if (clock != nullptr && clock->event.type == domain::clock_event_type::breach) ++report.breached;
  }
}

void note_changes(policy_report& report, const domain::change& what) {
  bool any = false;
  for (const auto& event : what.events) {
    const auto* clock = std::get_if<domain::clock_changed>(&event);
    if (clock == nullptr) continue;
    bool cancels = clock->event.type == domain::clock_event_type::cancel;
    if (!cancels && clock->event.type != domain::clock_event_type::retarget) continue;
    any = true;
    ++report.clocks;
    if (report.changes.size() >= changes_shown_max) continue;
    domain::milliseconds before{0};
    for (const auto& c : what.before->clocks)
      if (c.kind() == clock->kind && c.cycle() == clock->cycle) before = c.target();
    report.changes.push_back({what.after->id, clock->kind, clock->cycle, before,
                              clock->event.target.value_or(domain::milliseconds{0}), cancels});
  }
  if (any) ++report.tickets;
}

}  // namespace

void desk_gateway::submit_all(std::vector<domain::ticket_id> tickets, domain::ticket_command command, domain::caller by,
                              std::function<void(const domain::change&)> each,
                              domain::completion<std::monostate> done) {
  auto ask = [this, command = std::move(command), by = std::move(by)](domain::ticket_id id,
                                                                      domain::completion<outcome> answer) {
    submit({id, command, by, std::nullopt, std::nullopt, desk_.clock.steady_now() + std::chrono::minutes(1)},
           std::move(answer));
  };
  std::make_shared<all_tickets>(std::move(tickets), std::move(ask), std::move(each), std::move(done))->start();
}

std::vector<domain::candidate> desk_gateway::suggest(const domain::ticket& t, std::size_t limit) const {
  auto settings = desk_.settings.get();
  auto skilled = desk_.board->rank(needs_of(t, *settings, domain::choice_kind::skilled), limit);
  if (skilled.size() >= limit) return skilled;
  for (auto& other : desk_.board->rank(needs_of(t, *settings, domain::choice_kind::best), limit)) {
    bool known = std::ranges::find(skilled, other.agent_id, &domain::candidate::agent_id) != skilled.end();
    if (!known && skilled.size() < limit) skilled.push_back(std::move(other));
  }
  return skilled;
}

void desk_gateway::check(domain::completion<check_report> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  auto now = desk_.clock.now();
  auto report = std::make_shared<check_report>();
  auto due = std::make_shared<std::unordered_set<domain::ticket_id>>();
  auto lost = std::make_shared<std::unordered_set<domain::ticket_id>>();
  auto unwatched = std::make_shared<std::unordered_set<domain::ticket_id>>();
  desk_.directory.for_each([&](const domain::ticket_ptr& t) {
    report->checked += std::ranges::count_if(t->clocks, [](const auto& c) { return c.is_open(); });
    auto timer = t->next_timer();
    if (timer && *timer <= now) due->insert(t->id);
    if (timer && *timer <= now - lateness_max) lost->insert(t->id);
  });
  auto found = [this, report, due, lost, unwatched,
                done = std::move(done)](domain::result<std::vector<domain::ticket_id>> stored) mutable {
    if (!stored) return done(std::unexpected(std::move(stored.error())));
    for (const auto& id : *stored) {
      // Not live, and due by the database: nobody watches it.
      if (!desk_.directory.find(id)) unwatched->insert(id);
      due->insert(id);
    }
    submit_all(
        {due->begin(), due->end()}, domain::check_clocks{}, domain::caller::system(),
        [report, lost, unwatched](const domain::change& what) {
          count(*report, what);
          // What its own timer has done meanwhile was not lost, only waiting for its turn.
          bool late = !what.events.empty() && lost->contains(what.after->id);
          // What had no actor has recorded what was due as it came to life, before it was asked.
          bool woken = what.after->is_live() && unwatched->contains(what.after->id);
          if (late || woken) ++report->repaired;
        },
        domain::completion<std::monostate>(
            [this, report, done = std::move(done)](domain::result<std::monostate> result) mutable {
              if (!result) return done(std::unexpected(std::move(result.error())));
              desk_.metrics.clocks_audited(report->repaired);
              done(*report);
            }));
  };
  desk_.reader.list_due(now, due_max, read_deadline(),
                        domain::completion<std::vector<domain::ticket_id>>(std::move(found)));
}

void desk_gateway::apply_policies(const domain::caller& by, bool dry_run, std::string break_glass,
                                  domain::completion<policy_report> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  if (dry_run) return apply_policies_now(by, true, std::move(done));
  auto allowed = [this, by, break_glass, done = std::move(done)](domain::result<domain::freeze_state> state) mutable {
    if (!state) return done(std::unexpected(std::move(state.error())));
    if (!state->frozen) return apply_policies_now(by, false, std::move(done));
    auto told = [this, by, done = std::move(done)](domain::result<std::monostate> stored) mutable {
      if (!stored) return done(std::unexpected(std::move(stored.error())));
      apply_policies_now(by, false, std::move(done));
    };
    desk_.raise(desk_.alert_of_broken_glass(by, "policies.applied", break_glass),
                domain::completion<std::monostate>(std::move(told)));
  };
  desk_.freeze->allow(by, break_glass, domain::completion<domain::freeze_state>(std::move(allowed)));
}

void desk_gateway::apply_policies_now(const domain::caller& by, bool dry_run, domain::completion<policy_report> done) {
  auto settings = desk_.settings.get();
  auto context = desk_.context(by, *settings);
  auto report = std::make_shared<policy_report>();
  report->dry_run = dry_run;
  std::vector<domain::ticket_id> affected;
  desk_.directory.for_each([&](const domain::ticket_ptr& t) {
    if (!by.sees(t->organization)) return;
    auto change = domain::perform(t, domain::apply_policies{}, context);
    if (!change || change->events.empty()) return;
    affected.push_back(t->id);
    if (dry_run) note_changes(*report, *change);
  });
  if (dry_run) return done(std::move(*report));
  submit_all(
      std::move(affected), domain::apply_policies{}, by,
      [report](const domain::change& what) { note_changes(*report, what); },
      domain::completion<std::monostate>(
          [report, done = std::move(done)](domain::result<std::monostate> result) mutable {
            if (!result) return done(std::unexpected(std::move(result.error())));
            done(std::move(*report));
          }));
}

}  // namespace usher::actors
