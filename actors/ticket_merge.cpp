// Merging, as the two tickets' actors see it: one borrows the other's state, decides on both, and commits both.
#include "domain/ticket_merge.hpp"
#include "actors/ticket_actor.hpp"

namespace usher::actors {

void ticket_actor::start_merge(request_ptr request) {
  if (!state_) return request->answer(domain::fail(domain::errc::not_found));
  auto into = std::get<domain::merge_ticket>(request->what.command).into;
  if (into == id_) return request->answer(domain::fail(domain::errc::conflict, "a ticket can't be merged into itself"));
  auto me = caf::actor_cast<caf::actor>(self_);
  auto sequence = ++sequence_;
  auto ask = std::make_shared<ticket_request>();
  ask->id = into;
  ask->what.id = into;
  ask->what.by = request->what.by;
  ask->what.deadline = request->what.deadline;
  ask->borrower = [me, sequence](domain::ticket_ptr state, loan_ptr loan) {
    caf::anon_send(me, ticket_lent{sequence, std::move(state), std::move(loan), std::nullopt});
  };
  auto refused = [me, sequence](domain::result<outcome> answer) {
    if (!answer) caf::anon_send(me, ticket_lent{sequence, nullptr, nullptr, std::move(answer.error())});
  };
  desk_.loans.fetch_add(1);
  ask->slot = std::make_shared<answer_slot>(domain::completion<outcome>(std::move(refused)), desk_.loans);
  pending_ = std::make_unique<pending_change>(pending_change{{}, std::move(request), true});
  desk_.send(std::move(ask));
}

void ticket_actor::on_lent(ticket_lent& m) {
  if (!pending_ || !pending_->borrowing || m.sequence != sequence_) return;
  auto request = std::exchange(pending_, nullptr)->request;
  auto give_up = [&](domain::error why) {
    if (m.loan) m.loan->settle(std::unexpected(why));
    request->answer(std::unexpected(std::move(why)));
    next();
  };
  if (m.failure && m.failure->code == domain::errc::not_found) m.state = nullptr;
  if (m.failure && m.failure->code != domain::errc::not_found) return give_up(std::move(*m.failure));
  if (request->slot->answered()) return give_up(domain::error(domain::errc::timed_out));
  auto settings = desk_.settings.get();
  auto context = desk_.context(request->what.by, *settings, request->what.expected_version);
  auto both = domain::merge(state_, m.state, domain::message_id::generate(), context);
  if (!both) return give_up(std::move(both.error()));
  auto into = std::make_shared<domain::change>(std::move(both->into));
  submit(std::move(both->from), std::move(request), std::move(into), std::move(m.loan));
}

void ticket_actor::lend(request_ptr request) {
  if (!state_) return request->answer(domain::fail(domain::errc::not_found));
  auto me = caf::actor_cast<caf::actor>(self_);
  auto loan = std::make_shared<ticket_loan>([me, sequence = ++sequence_](domain::result<domain::change> back) {
    loan_settled m{sequence, nullptr, std::nullopt};
    if (back)
      m.change = std::make_shared<domain::change>(std::move(*back));
    else
      m.failure = std::move(back.error());
    caf::anon_send(me, std::move(m));
  });
  auto borrower = request->borrower;
  pending_ = std::make_unique<pending_change>(pending_change{{}, std::move(request), false});
  borrower(state_, std::move(loan));
}

// A refusal is the borrower's to tell; here the ticket only goes on as it was. When the store has another version, only
// the store can tell what is true.
void ticket_actor::on_settled(loan_settled& m) {
  if (!pending_ || m.sequence != sequence_) return;
  if (m.failure && m.failure->code == domain::errc::version_mismatch) return start_anew();
  if (m.change) {
    pending_->change = std::move(*m.change);
    committed();
  } else {
    refused(std::move(*m.failure));
  }
  next();
}

}  // namespace usher::actors
