// Every message between the actors of the desk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/agent_board.hpp"
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

/// Desk → roster: all tickets are loaded, the agents may begin.
struct roster_begins {};

/// Desk → roster: these agents are new, or have been changed.
struct agents_changed {
  std::shared_ptr<const std::vector<std::string>> ids;
};

/// Board → roster: what a commit has brought about.
struct news_of_board {
  std::shared_ptr<const board_news> news;
};

/// Timer service → roster: the timers of one of its wheels have gone off.
struct staff_timers_due {
  std::size_t wheel = 0;
  std::shared_ptr<const std::vector<due_timer>> timers;
};

/// Roster → agent: what people have set for it may be another.
struct agent_changed {};

/// Roster → agent: something may wait that it can take; `later` after a while.
struct agent_wakes {
  bool later = false;
};

/// Roster → agent: its shift, or its presence, may have come to an end.
struct agent_timer {
  std::uint32_t generation = 0;
};

/// Roster → agent: it owes this ticket a sign.
struct sign_owed {
  domain::ticket_id ticket;
};

/// Roster → agent: the time for the sign may be over.
struct silence_due {
  domain::ticket_id ticket;
  std::uint32_t generation = 0;
};

/// Roster → agent, or the agent to itself, after a while: let somebody else have the ticket, for this cause.
struct hand_on {
  domain::ticket_id ticket;
  std::string cause;
  bool later = false;  ///< after the pause that a refusal asks for
};

/// An agent's actor has ended.
struct agent_down {
  std::string id;
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

/// The roster has ended.
struct roster_down {
  bool crashed = false;
  std::string reason;
};

/// Desk → shard, level, roster, monitor: end, and your tickets with you.
struct stop_desk {};

}  // namespace usher::actors
