// The actor of one live ticket.
#pragma once

#include <deque>
#include <memory>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"

namespace usher::actors {

/// Owns a ticket's committed state and its timer. Its mailbox serialises the changes; while one is being committed it
/// decides nothing else, so it never decides on state that may not last. Holds no rule: `domain` decides.
class ticket_actor {
 public:
  using actor_type = caf::stateful_actor<ticket_actor>;
  static constexpr const char* name = "usher.ticket";

  /// `loaded` is null for a ticket that its first request creates.
  ticket_actor(actor_type* self, desk_parts* desk, caf::actor shard, std::size_t shard_index, domain::ticket_id id,
               domain::ticket_ptr loaded);
  ~ticket_actor();
  ticket_actor(const ticket_actor&) = delete;
  ticket_actor& operator=(const ticket_actor&) = delete;

  caf::behavior make_behavior();

 private:
  /// What keeps the ticket busy: a decided change on its way to the store, or the wait for another ticket.
  struct pending_change {
    domain::change change;  ///< of a ticket that has lent its state: unset until it comes back
    request_ptr request;    ///< null when the ticket's own timer caused it
    bool borrowing = false;
  };

  // -- commands --
  void on_request(request_ptr request);
  void begin(request_ptr request);
  /// `also` is a change of the ticket behind `loan`, to be committed together with `change`.
  void submit(domain::change change, request_ptr request, std::shared_ptr<domain::change> also = nullptr,
              loan_ptr loan = nullptr);

  // -- merging: this ticket borrows the other one, decides on both, and commits both --
  void start_merge(request_ptr request);
  void on_lent(ticket_lent& m);
  void lend(request_ptr request);
  void on_settled(loan_settled& m);

  // -- commits --
  void on_commit(std::uint64_t sequence, std::optional<domain::error> failure);
  void committed();
  void refused(domain::error why);
  void start_anew();
  void next();
  void watch_escalations();

  // -- timer --
  void on_deadline(std::uint32_t generation, domain::instant when);
  void check_clocks();
  void arm();
  void arm_at(domain::instant when);
  void disarm();

  // -- lifecycle --
  void come_to_life();
  void leave_if_idle();
  void on_may_leave();

  actor_type* self_;
  desk_parts& desk_;
  caf::actor shard_;
  domain::ticket_id id_;
  domain::ticket_ptr state_;
  std::unique_ptr<pending_change> pending_;
  std::unique_ptr<std::deque<request_ptr>> waiting_;  ///< null when empty: most tickets never need it
  std::uint64_t sequence_ = 0;
  timer_handle timer_;
  std::optional<domain::instant> armed_for_;
  std::uint32_t generation_ = 0;
  std::uint16_t shard_index_;
  bool deadline_passed_ = false;  ///< the timer went off during a commit
  bool after_outage_;             ///< what is due now may have been due long ago: the store, or the process, was away
  bool leaving_ = false;          ///< `wants_to_leave` is on its way
};

}  // namespace usher::actors
