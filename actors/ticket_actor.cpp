#include "actors/ticket_actor.hpp"

#include <algorithm>
#include <utility>

#include "domain/ticket_decide.hpp"
#include "metrics/log/log.hpp"

namespace usher::actors {

ticket_actor::ticket_actor(actor_type* self, desk_parts* desk, caf::actor shard, std::size_t shard_index,
                           domain::ticket_id id, domain::ticket_ptr loaded)
    : self_(self),
      desk_(*desk),
      shard_(std::move(shard)),
      id_(id),
      state_(std::move(loaded)),
      shard_index_(static_cast<std::uint16_t>(shard_index)),
      after_outage_(state_ != nullptr) {
  end_quietly_on_exception(self_);
  desk_.metrics.actor_started(metrics::actor_kind::ticket);
}

ticket_actor::~ticket_actor() {
  disarm();
  desk_.metrics.actor_stopped(metrics::actor_kind::ticket);
}

caf::behavior ticket_actor::make_behavior() {
  if (state_) come_to_life();
  return {
      [this](perform_request& m) { on_request(std::move(m.request)); },
      [this](ticket_lent& m) { on_lent(m); },
      [this](loan_settled& m) { on_settled(m); },
      [this](commit_done& m) { on_commit(m.sequence, std::move(m.failure)); },
      [this](const deadline_due& m) { on_deadline(m.generation, m.when); },
      [this](const may_leave&) { on_may_leave(); },
  };
}

// A deadline that passed while nobody watched is on its way to the store before the ticket counts as recovered.
void ticket_actor::come_to_life() {
  desk_.directory.publish(state_);
  desk_.board->loaded(state_);
  watch_escalations();
  auto due = state_->next_timer();
  if (due && *due <= desk_.clock.now())
    check_clocks();
  else
    arm();
  desk_.tickets_recovered.fetch_add(1);
}

// -- commands ---------------------------------------------------------------------------------------------------------

void ticket_actor::on_request(request_ptr request) {
  if (!pending_) {
    begin(std::move(request));
    leave_if_idle();
    return;
  }
  // Two tickets that each wait for the other would wait for ever.
  if (request->borrower && pending_->borrowing)
    return request->answer(domain::fail(domain::errc::conflict, "the other ticket is being merged itself"));
  if (!waiting_) waiting_ = std::make_unique<std::deque<request_ptr>>();
  if (waiting_->size() >= desk_.limits.ticket_stash_max)
    request->answer(domain::fail(domain::errc::overloaded));
  else
    waiting_->push_back(std::move(request));
}

void ticket_actor::begin(request_ptr request) {
  if (request->slot->answered()) return;  // its deadline passed while it waited
  if (request->borrower) return lend(std::move(request));
  if (desk_.fault) desk_.fault(id_, request->what.command);
  if (std::holds_alternative<domain::merge_ticket>(request->what.command)) return start_merge(std::move(request));
  auto settings = desk_.settings.get();
  auto context = desk_.context(request->what.by, *settings, request->what.expected_version);
  auto change = domain::perform(state_, request->what.command, context);
  if (!change) {
    request->answer(std::unexpected(std::move(change.error())));
  } else if (change->events.empty()) {
    request->answer(outcome{std::move(*change), std::nullopt});
  } else {
    submit(std::move(*change), std::move(request));
  }
}

void ticket_actor::submit(domain::change change, request_ptr request, std::shared_ptr<domain::change> also,
                          loan_ptr loan) {
  store::ticket_write write{change, std::nullopt, also};
  const auto settings = desk_.settings.get();
  write.notifications = domain::notifications_of(change, *settings);
  if (also) std::ranges::move(domain::notifications_of(*also, *settings), std::back_inserter(write.notifications));
  if (auto asked = domain::score_request_of(change, desk_.score_link)) write.notifications.push_back(std::move(*asked));
  auto give_up_at = store::steady_time::max();
  if (request) {
    give_up_at = request->what.deadline;
    if (const auto& key = request->what.idempotency)
      write.idempotency = to_record(*key, key->render(change), change.at);
  }
  pending_ = std::make_unique<pending_change>(pending_change{std::move(change), std::move(request)});
  auto answer = [me = caf::actor_cast<caf::actor>(self_), sequence = ++sequence_, counted = desk_.count_commit(),
                 &directory = desk_.directory, also = std::move(also),
                 loan = std::move(loan)](domain::result<std::monostate> result) mutable {
    std::optional<domain::error> failure;
    if (!result) failure = std::move(result.error());
    if (loan && failure) loan->settle(std::unexpected(*failure));
    if (loan && !failure) {
      // The lender is held until it hears of it, but whoever has the answer to a merge must see both sides already.
      directory.publish(also->after);
      loan->settle(*also);
    }
    caf::anon_send(me, commit_done{sequence, std::move(failure), std::move(counted)});
  };
  desk_.writer.submit({std::move(write), give_up_at, domain::completion<std::monostate>(std::move(answer))});
}

// -- commits ----------------------------------------------------------------------------------------------------------

void ticket_actor::on_commit(std::uint64_t sequence, std::optional<domain::error> failure) {
  if (!pending_ || sequence != sequence_) return;
  if (failure && failure->code == domain::errc::version_mismatch) return start_anew();
  if (failure)
    refused(std::move(*failure));
  else
    committed();
  next();
}

namespace {

/// Whether the text of the ticket was read in this change.
bool was_read(const domain::change& what) {
  return what.is_creation() || std::ranges::any_of(what.events, [](const auto& event) {
           return std::holds_alternative<domain::classified>(event);
         });
}

}  // namespace

void ticket_actor::committed() {
  auto done = std::exchange(pending_, nullptr);
  state_ = done->change.after;
  desk_.directory.publish(state_);
  desk_.board->committed(done->change);
  desk_.metrics.change_committed(done->change);
  desk_.stopped.note(done->change);
  desk_.events.publish(done->change);
  desk_.watch_for_incidents(done->change);
  desk_.analytics.changed(state_->created_at);
  if (desk_.second != nullptr && was_read(done->change)) desk_.second->consider(state_);
  after_outage_ = false;
  arm();
  bool climbed = std::ranges::any_of(done->change.events, [](const auto& event) {
    return std::holds_alternative<domain::escalated>(event) || std::holds_alternative<domain::escalation_moved>(event);
  });
  if (climbed) watch_escalations();
  if (done->request) done->request->answer(outcome{std::move(done->change), std::nullopt});
}

void ticket_actor::refused(domain::error why) {
  auto failed = std::exchange(pending_, nullptr);
  if (why.code == domain::errc::unavailable) after_outage_ = true;
  if (failed->request) return failed->request->answer(std::unexpected(std::move(why)));
  log::warn("a deadline's change was not stored yet and is tried again",
            {{"ticket_id", to_string(id_)}, {"error", to_word(why.code)}});
  arm_at(desk_.clock.now() + desk_.limits.retry_delay);
}

// What is stored is not what this actor holds: only the store can tell what is true. Whoever waits is told
// `unavailable` by the promise that goes with the actor.
void ticket_actor::start_anew() {
  pending_.reset();
  waiting_.reset();
  self_->quit(caf::make_error(caf::sec::runtime_error, "the stored version is another one"));
}

void ticket_actor::next() {
  if (std::exchange(deadline_passed_, false)) check_clocks();
  while (!pending_ && waiting_) {
    auto request = std::move(waiting_->front());
    waiting_->pop_front();
    if (waiting_->empty()) waiting_.reset();
    begin(std::move(request));
  }
  leave_if_idle();
}

void ticket_actor::watch_escalations() {
  for (const auto& e : state_->escalations)
    if (e.waits()) desk_.watch_escalation(id_, e.level, *e.hand_up_at);
}

// -- timer ------------------------------------------------------------------------------------------------------------

void ticket_actor::on_deadline(std::uint32_t generation, domain::instant when) {
  if (generation != generation_) return;
  armed_for_.reset();
  timer_ = {};
  desk_.metrics.timer_fired(std::chrono::duration<double>(desk_.clock.now() - when).count());
  if (pending_)
    deadline_passed_ = true;
  else
    check_clocks();
}

void ticket_actor::check_clocks() {
  if (!state_ || pending_) return;
  if (desk_.fault) desk_.fault(id_, domain::check_clocks{});
  auto settings = desk_.settings.get();
  auto context = desk_.context(domain::caller::system(), *settings);
  auto change = domain::perform(state_, domain::check_clocks{after_outage_}, context);
  if (change && !change->events.empty())
    submit(std::move(*change), nullptr);
  else
    arm();
  if (!pending_) after_outage_ = false;
}

void ticket_actor::arm() {
  auto wanted = state_->is_live() ? state_->next_timer() : std::nullopt;
  if (wanted == armed_for_) return;
  disarm();
  if (wanted) arm_at(*wanted);
}

void ticket_actor::arm_at(domain::instant when) {
  disarm();
  armed_for_ = when;
  timer_ = desk_.timers.arm(shard_index_, id_, when, ++generation_);
}

void ticket_actor::disarm() {
  if (!armed_for_) return;
  desk_.timers.cancel(shard_index_, timer_);
  armed_for_.reset();
  timer_ = {};
}

// -- lifecycle --------------------------------------------------------------------------------------------------------

// A ticket that is closed or deleted, or never came to be, needs no actor; the store has it.
void ticket_actor::leave_if_idle() {
  bool idle = !pending_ && !waiting_ && (!state_ || !state_->is_live());
  if (!idle || leaving_) return;
  leaving_ = true;
  self_->send(shard_, wants_to_leave{id_});
}

void ticket_actor::on_may_leave() {
  leaving_ = false;
  bool idle = !pending_ && !waiting_ && (!state_ || !state_->is_live());
  if (idle)
    self_->quit();
  else
    self_->send(shard_, stays{id_});
}

}  // namespace usher::actors
