// Every message between the actors of the desk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/deadline_wheel.hpp"
#include "actors/gateway.hpp"
#include "actors/request.hpp"
#include "domain/error.hpp"
#include "domain/ticket.hpp"

namespace usher::actors {

/// Gateway → shard → ticket: decide this command, commit it, answer it.
struct perform_request {
  request_ptr request;
};

/// Lane → ticket: the change with this sequence number is committed, or it certainly is not.
struct commit_done {
  std::uint64_t sequence = 0;
  std::optional<domain::error> failure;
  std::shared_ptr<void> counted;  ///< the change counts as pending until the ticket has seen this, or nobody will
};

/// Lender → borrower: the state that was asked for; or why there is none.
struct ticket_lent {
  std::uint64_t sequence = 0;  ///< the borrower's
  domain::ticket_ptr state;
  loan_ptr loan;
  std::optional<domain::error> failure;
};

/// Borrower → lender: what became of the loan.
struct loan_settled {
  std::uint64_t sequence = 0;  ///< the lender's
  std::shared_ptr<domain::change> change;
  std::optional<domain::error> failure;
};

/// Shard → ticket: the timer of this generation has gone off.
struct deadline_due {
  std::uint32_t generation = 0;
  domain::instant when{};
};

/// Timer service → shard: these timers have gone off.
struct timers_due {
  std::shared_ptr<const std::vector<due_timer>> timers;
};

/// Recovery → shard: bring these tickets to life.
struct adopt_tickets {
  std::shared_ptr<const std::vector<domain::ticket_ptr>> tickets;
  bool counted = false;  ///< the metrics know them already: the shard before this one had them
};

/// Store → shard: what is stored of a ticket that somebody asked for. Null when there is none.
struct ticket_loaded {
  domain::ticket_id id;
  domain::ticket_ptr ticket;
  std::optional<domain::error> failure;
};

/// Shard → itself, after a while: load the ticket again.
struct retry_load {
  domain::ticket_id id;
};

/// Ticket → shard: it has nothing more to do. The shard holds back what comes in and answers `may_leave`.
struct wants_to_leave {
  domain::ticket_id id;
};

/// Shard → ticket: nothing more will come; leave, unless something came meanwhile.
struct may_leave {};

/// Ticket → shard: something did; send what was held back.
struct stays {
  domain::ticket_id id;
};

/// A ticket's actor has ended.
struct ticket_down {
  domain::ticket_id id;
  bool crashed = false;
  std::string reason;
};

/// A shard's actor has ended.
struct shard_down {
  std::size_t index = 0;
  bool crashed = false;
  std::string reason;
};

/// Ticket → level: something waits for an acknowledgement until then.
struct escalation_waits {
  domain::ticket_id ticket;
  domain::instant hand_up_at{};
};

/// A level's actor has ended.
struct level_down {
  int level = 0;
  bool crashed = false;
  std::string reason;
};

/// Desk, or the monitor's own timer → monitor: look at everything.
struct monitor_round {
  bool by_itself = false;  ///< of its timer, which is set again
};

/// A part of a round has ended.
struct monitor_part_done {
  bool good = true;
  std::optional<check_report> audit;
  bool again = false;  ///< of the purge: there may be more
};

/// The monitor's actor has ended.
struct monitor_down {
  bool crashed = false;
  std::string reason;
};

/// Desk → shard, level, monitor: end, and your tickets with you.
struct stop_desk {};

}  // namespace usher::actors
