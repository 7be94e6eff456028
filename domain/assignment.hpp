// Whom a ticket is given to, pure: what it needs and how the agents stand in, a score with its reasons out.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/ticket.hpp"

namespace usher::domain {

/// What is settable about it.
struct assignment_rules {
  bool automatic = true;                    ///< tickets are given out without anybody asking for it
  milliseconds relax_after{300'000};        ///< how long a ticket waits for somebody with one of its skills
  int silence_percent = 80;                 ///< of the response target: how long an assignee may show no sign; 0: ever
  int take_backs_max = 3;                   ///< then it is a supervisor's
  milliseconds presence_lapses{1'800'000};  ///< online without any request becomes away, then offline; 0: never
};

/// What a ticket takes of its assignee's capacity.
[[nodiscard]] constexpr int weight_of(priority p) noexcept { return p == priority::critical ? 2 : 1; }
/// Nobody's capacity is too small for one ticket.
[[nodiscard]] constexpr int weight_for(priority p, int capacity) noexcept {
  return capacity > 0 && capacity < weight_of(p) ? capacity : weight_of(p);
}

/// Who is looked for.
enum class choice_kind : std::uint8_t {
  skilled,     ///< somebody with room and one of the skills
  best,        ///< somebody with room, skills or not: nobody better came in time
  emergency,   ///< a wedding-day specialist, past capacity too; or the best one with room
  supervisor,  ///< a supervisor, past capacity too
};

inline constexpr std::size_t skills_scored_max = 8;

/// What a ticket asks of its assignee.
struct ticket_needs {
  choice_kind kind = choice_kind::skilled;
  organization_id organization;
  std::string customer;
  std::string category;
  std::vector<std::string> skills;  ///< the first `skills_scored_max` of its category
  domain::priority priority = domain::priority::low;
  domain::urgency urgency = domain::urgency::none;
  std::string language;              ///< empty when unknown
  std::vector<std::string> without;  ///< ids of those who shall not have it
};

[[nodiscard]] ticket_needs needs_of(const ticket& t, const desk_settings& settings, choice_kind kind);

/// A mean that begins at what is usual: one bad mark does not sink a newcomer.
struct running_mean {
  double sum = 0;
  double count = 0;

  void add(double value) noexcept {
    sum += value;
    count += 1;
  }
  [[nodiscard]] double with_prior(double usual, double weight) const noexcept {
    return (sum + usual * weight) / (count + weight);
  }
};

/// How an agent stands, for one ticket at one moment. What is looked at of everybody stands here, what is looked at of
/// few behind `who`.
struct agent_snapshot {
  agent_snapshot() = default;
  explicit agent_snapshot(const agent& a)
      : who(&a),
        capacity(a.capacity),
        role(a.role),
        online(a.presence == presence::online),
        specialist(a.wedding_specialist),
        limited(!a.organizations.empty()) {}

  const agent* who = nullptr;
  int capacity = 0;
  domain::role role = domain::role::agent;
  bool online = false;
  bool specialist = false;  ///< for wedding days
  bool limited = false;     ///< to some organizations
  bool on_shift = true;
  int load = 0;
  instant last_given{};
  std::array<std::uint8_t, skills_scored_max> levels{};  ///< of the needed skills, in their order; 0 is none
  int served = 0;                                        ///< tickets of this customer's organization
  running_mean satisfaction;                             ///< scores from 1 to 5
  running_mean pace;                                     ///< shares of the resolution target used, in this category
};

/// Whether this agent may have the ticket at all.
[[nodiscard]] bool suits(const ticket_needs& needs, const agent_snapshot& a);
/// In thousandths, from 0 up: higher is better. Of equal ones, who was given something longest ago comes first.
[[nodiscard]] int score_of(const ticket_needs& needs, const agent_snapshot& a);
/// The same in words, what counts most first.
[[nodiscard]] std::vector<std::string> reasons_of(const ticket_needs& needs, const agent_snapshot& a);

struct candidate {
  std::string agent_id;
  int score = 0;  ///< in thousandths
  std::vector<std::string> reasons;
};

/// Why somebody got a ticket, kept with the change.
struct assignment_note {
  std::string
      cause;         ///< `new`, `waiting`, `asked`, `emergency`, `level_2`, `silent`, `away`, `shift_ended`, `reopened`
  candidate choice;  ///< without a score when nobody was chosen
};
using assignment_note_ptr = std::shared_ptr<const assignment_note>;

/// A choice, and the room that it takes: given back with the last copy of `hold`, unless the change was committed.
struct held_choice {
  candidate who;
  std::shared_ptr<void> hold;
};

/// Whoever knows how the agents stand. Thread-safe, and quick: it is asked within a decision.
class chooser {
 public:
  virtual ~chooser() = default;
  [[nodiscard]] virtual const assignment_rules& rules() const = 0;
  /// Nothing when nobody suits. The room is held: no other choice counts on it.
  [[nodiscard]] virtual std::optional<held_choice> choose(const ticket& t, const ticket_needs& needs) const = 0;
  /// Online and on shift; somebody who is not known is taken to be.
  [[nodiscard]] virtual bool is_on_duty(std::string_view agent_id) const = 0;
};

/// Whether the customer waits for an answer.
[[nodiscard]] bool owes_answer(const ticket& t);

/// When the assignee has been silent for too long; nothing when no sign is owed.
[[nodiscard]] std::optional<instant> silence_ends_at(const ticket& t, int percent);

}  // namespace usher::domain
