// How the agents stand, for whoever decides: the index, what is held, and what waits, under one lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/agent_index.hpp"
#include "domain/ticket_events.hpp"
#include "domain/waiting_tickets.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// What the roster has to hear of.
struct board_news {
  std::vector<std::string> wake;               ///< agents who may find something to take
  std::optional<domain::ticket_id> sign_owed;  ///< given to somebody who owes a sign
  std::optional<domain::ticket_id> astray;     ///< its assignee is not there any more …
  std::string cause;                           ///< … because: `offline`, `reopened`
  bool waits = false;                          ///< one more ticket waits
  [[nodiscard]] bool empty() const { return wake.empty() && !sign_owed && !astray && !waits; }
};

/// A waiting ticket that an agent may take now; the room is held.
struct taken_ticket {
  domain::ticket_ptr ticket;
  domain::held_choice choice;
};

/// The agents' actors write down who is on shift, the tickets' actors what was committed; whoever decides chooses from
/// it. A choice holds its room until its change is committed or dropped, under the same lock: that is why no race
/// exceeds a capacity. Thread-safe.
class agent_board final : public domain::chooser {
 public:
  agent_board(const domain::clock_port& clock, domain::assignment_rules rules);
  ~agent_board() override;
  agent_board(const agent_board&) = delete;
  agent_board& operator=(const agent_board&) = delete;

  /// Who hears of news, from now on.
  void listen(std::function<void(board_news)> to);

  /// Takes the agents that are new or have changed; returns their ids.
  std::vector<std::string> take_settings(domain::settings_ptr settings);
  void set_on_shift(const std::string& agent, bool on_shift);
  /// Somebody asked for something: the heartbeat of whoever that is.
  void seen(const std::string& who);
  [[nodiscard]] domain::instant last_seen(const std::string& agent) const;

  /// What is known of the agents from before the start.
  void remember(const std::vector<store::agent_record>& agents, const std::vector<store::customer_record>& customers);
  /// A ticket came to life from the store.
  void loaded(const domain::ticket_ptr& t);
  /// A change was committed.
  void committed(const domain::change& what);

  // -- the choice --
  [[nodiscard]] const domain::assignment_rules& rules() const override;
  [[nodiscard]] std::optional<domain::held_choice> choose(const domain::ticket& t,
                                                          const domain::ticket_needs& needs) const override;
  [[nodiscard]] bool is_on_duty(std::string_view agent) const override;
  /// The best ones, without holding anything.
  [[nodiscard]] std::vector<domain::candidate> rank(const domain::ticket_needs& needs, std::size_t limit) const;
  /// The first waiting ticket that this agent suits.
  [[nodiscard]] std::optional<taken_ticket> take_for(const std::string& agent);

  // -- what waits --
  /// Tickets that have waited long enough become anybody's. Those that nobody suits are returned.
  std::vector<domain::ticket_ptr> relax();
  [[nodiscard]] std::optional<domain::instant> next_relax() const;
  [[nodiscard]] std::size_t waiting() const;

  [[nodiscard]] int load_of(const std::string& agent) const;
  [[nodiscard]] std::vector<domain::ticket_id> tickets_of(const std::string& agent) const;
  /// Who has it; empty when nobody, or somebody who is not known.
  [[nodiscard]] std::string holder_of(const domain::ticket_id& ticket) const;
  [[nodiscard]] double online() const;
  [[nodiscard]] double load_ratio() const;

 private:
  struct state;
  std::shared_ptr<state> state_;  ///< shared with the holds, which may outlive the board
};

}  // namespace usher::actors
