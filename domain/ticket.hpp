// The ticket as a value: what is known of it after folding its events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/caller.hpp"
#include "domain/category.hpp"
#include "domain/escalation.hpp"
#include "domain/ids.hpp"
#include "domain/message.hpp"
#include "domain/organization.hpp"
#include "domain/sla_clock.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// How long a deleted ticket can be restored; then it is erased (contract, section 3).
inline constexpr milliseconds restorable_for = std::chrono::days{30};

/// `pending` waits for the customer, `on_hold` for a third party.
enum class ticket_status : std::uint8_t { open, pending, on_hold, resolved, closed };
inline constexpr int ticket_status_count = 5;
enum class urgency : std::uint8_t { emergency, urgent, none };

[[nodiscard]] std::string_view to_word(ticket_status s) noexcept;
[[nodiscard]] std::optional<ticket_status> parse_ticket_status(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_word(urgency u) noexcept;
[[nodiscard]] std::optional<urgency> parse_urgency(std::string_view word) noexcept;

struct wedding {
  instant at{};
  std::string time_zone;  ///< an IANA zone, or empty when only an instant was given
  std::string venue;

  bool operator==(const wedding&) const = default;
};

/// The person who asks, as the ticket names them.
struct contact {
  std::string name;
  std::string email;

  bool operator==(const contact&) const = default;
};

/// What the text was taken to be about, and by whom.
struct classification {
  std::string category{general_question};
  float confidence = 0;
  bool emergency = false;
  std::string method = "default";  ///< `caller` when the request named the category, `default` when nobody did
  std::vector<std::string> signals;

  bool operator==(const classification&) const = default;
};

/// Parts that most tickets lack, or share, stand behind pointers to constants: a live ticket costs memory for as long
/// as it is open, and a change copies the whole value.
struct ticket {
  ticket_id id;
  std::int64_t number = 0;  ///< unique in the whole desk
  organization_id organization;
  domain::tier tier = domain::tier::free;  ///< the organization's when the ticket was created
  channel via = channel::web;
  ticket_status status = ticket_status::open;
  domain::priority priority = domain::priority::low;
  domain::urgency urgency = domain::urgency::none;
  std::int16_t escalation_level = 0;
  std::int32_t reopened = 0;  ///< how often
  std::int64_t version = 0;   ///< rises by one with each change; the ETag
  instant created_at{};
  instant updated_at{};
  std::optional<instant> resolved_at;
  std::optional<instant> deleted_at;
  maybe_instant emergency_since;  ///< while `urgency` is `emergency`
  /// The priority that a wedding day has raised, until a person sets another one or the day is over.
  std::optional<domain::priority> raised_from;
  std::optional<ticket_id> merged_into;  ///< the ticket that goes on in its stead
  maybe_instant silent_since;            ///< since when its assignee owes a sign; none is owed without it
  std::int32_t rated_cycle = 0;          ///< the last one that the customer has scored; the first is 1

  std::string requester_id;
  std::string assignee_id;  ///< empty when nobody has it
  std::string category;
  std::string subject;
  std::string body;
  std::shared_ptr<const std::vector<std::string>> tags;          ///< null when there are none
  std::shared_ptr<const std::vector<std::string>> taken_from;    ///< whom it was taken back from in this cycle; or null
  std::shared_ptr<const std::string> custom_fields;              ///< the text of a JSON object; null when empty
  std::shared_ptr<const domain::wedding> wedding;                ///< null when unknown
  std::shared_ptr<const contact> requester;                      ///< null when the request named nobody
  std::shared_ptr<const domain::classification> classification;  ///< never null after creation

  /// Every cycle of every clock, in the order in which they started.
  std::vector<sla_clock> clocks;
  /// What the ladder has told, in the order in which it was told.
  std::vector<escalation> escalations;

  /// Live tickets are actors: neither closed nor deleted.
  [[nodiscard]] bool is_live() const noexcept { return status != ticket_status::closed && !deleted_at; }
  /// Open, pending or on hold (contract, section 7: `usher_tickets_open`).
  [[nodiscard]] bool counts_as_open() const noexcept {
    return !deleted_at && status != ticket_status::resolved && status != ticket_status::closed;
  }
  /// The latest cycle of a clock; null when it never started.
  [[nodiscard]] const sla_clock* latest(clock_kind kind) const noexcept;
  /// The earliest deadline of a running clock, for lists (`sort=due_at`).
  [[nodiscard]] std::optional<instant> due_at() const noexcept;
  /// The earliest instant from which a running clock without a breach is at risk.
  [[nodiscard]] std::optional<instant> at_risk_at() const noexcept;
  /// Whether a level of a clock's cycle has been told, or was skipped.
  [[nodiscard]] bool has_escalation(clock_kind clock, int cycle, int level) const noexcept;
  /// When the ticket's timer has to go off next: a deadline, a level of the ladder, a threshold of the wedding day;
  /// nothing when it waits for none.
  [[nodiscard]] std::optional<instant> next_timer() const noexcept;
};

using ticket_ptr = std::shared_ptr<const ticket>;

/// The levels of running clocks that are still to come, if nothing changes: clock by clock, each in the order of
/// levels.
[[nodiscard]] std::vector<escalation> armed_levels(const ticket& t);
[[nodiscard]] std::vector<escalation> armed_levels(const ticket& t, const sla_clock& clock);

/// The first millisecond at which a level of a running clock is due; nothing for the emergency protocol, and when a
/// paused clock has not come that far.
[[nodiscard]] std::optional<instant> level_due_at(const sla_clock& clock, int level);

}  // namespace usher::domain
