// The one door between the network and the desk: submit a command or a question, get a completion.
// No CAF here, no HTTP there: `net` includes this header and nothing else of `actors`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/event_source.hpp"
#include "domain/assignment.hpp"
#include "domain/caller.hpp"
#include "domain/completion.hpp"
#include "domain/desk_event.hpp"
#include "domain/freeze.hpp"
#include "domain/organization.hpp"
#include "domain/record_query.hpp"
#include "domain/settings_change.hpp"
#include "domain/ticket_commands.hpp"
#include "domain/ticket_events.hpp"
#include "domain/ticket_query.hpp"

namespace usher {

/// An answer that is kept with the change that it reports (contract, section 2, `Idempotency-Key`).
struct stored_answer {
  int status = 0;
  std::string body;
  std::optional<domain::ticket_id> ticket;  ///< the resource of `Location`
  std::int64_t version = 0;                 ///< its ETag
};

/// How a request is told from every other one, and how its answer is to be written down.
struct idempotency {
  std::optional<domain::organization_id> organization;
  std::string caller_sub;
  std::string route;  ///< the path as sent
  std::string key;
  std::string fingerprint;  ///< of the body: SHA-256, 32 bytes
  /// Renders the answer to a change; runs inside the desk before the commit, so it must be quick and must not throw.
  std::function<stored_answer(const domain::change&)> render;
};

struct submission {
  std::optional<domain::ticket_id> id;  ///< absent for a creation
  domain::ticket_command command;
  domain::caller by;
  std::optional<std::int64_t> expected_version;
  std::optional<usher::idempotency> idempotency;
  std::chrono::steady_clock::time_point deadline;
};

/// What became of a submission that was not refused.
struct outcome {
  domain::change what;                    ///< `events` is empty when nothing had to change; unset for a replay
  std::optional<stored_answer> replayed;  ///< the answer of the first request with the same key
};

/// A ticket, and what its clocks are folded from.
struct clock_history {
  domain::ticket_ptr ticket;
  std::vector<domain::clock_changed> events;
};

/// The right to work on a request with an idempotency key; or the answer that was given to it before.
struct claimed_key {
  usher::idempotency key;
  std::shared_ptr<void> claim;
  std::optional<stored_answer> replayed;
};

/// What a reconciliation of every clock with its timer came to.
struct check_report {
  std::int64_t checked = 0;   ///< open clocks that were looked at
  std::int64_t fired = 0;     ///< levels that were told
  std::int64_t breached = 0;  ///< breaches that were recorded
  std::int64_t repaired = 0;  ///< tickets whose timer should have gone off and had not
};

/// A clock that `policies/apply` changes, or would change.
struct policy_change {
  domain::ticket_id ticket;
  domain::clock_kind clock = domain::clock_kind::first_response;
  int cycle = 1;
  domain::milliseconds before{0};
  domain::milliseconds after{0};
  bool cancelled = false;  ///< the policy has no such target any more
};

struct policy_report {
  bool dry_run = true;
  std::int64_t tickets = 0;
  std::int64_t clocks = 0;
  std::vector<policy_change> changes;  ///< the first ones
};

/// A change of what people have set, decided on the settings of the moment at which its turn comes.
struct settings_request {
  std::function<domain::result<domain::settings_change>(const domain::desk_settings&)> edit;
  domain::caller by;
  std::optional<usher::idempotency> key;
  /// Why a change is made although a wedding day's freeze holds it back; empty: it is not.
  std::string break_glass;
  /// The answer to keep under the key; unused without one.
  std::function<stored_answer(const domain::desk_settings&)> render;
  domain::completion<domain::settings_ptr> done;
};

/// How the desk is doing.
struct desk_health {
  bool recovered = false;  ///< every open ticket is loaded and armed
  std::int64_t tickets_loaded = 0;
  std::int64_t tickets_expected = 0;
  bool store_reachable = false;
  bool draining = false;

  [[nodiscard]] bool ready() const noexcept { return recovered && store_reachable && !draining; }
};

/// Thread-safe. Completions run on a thread of the desk or the store and must not block. Every completion is called
/// once, at the latest when the request's deadline has passed (`timed_out`).
class gateway {
 public:
  virtual ~gateway() = default;

  /// Decides, commits, and answers. A create for an organization that is not known yet makes it first, in the tier
  /// FREE, when the caller's token names it; staff get `invalid` instead.
  virtual void submit(submission what, domain::completion<outcome> done) = 0;

  /// A ticket as the caller may see it. A live one is answered at once, on the calling thread.
  virtual void get(domain::ticket_id id, const domain::caller& by, domain::completion<domain::ticket_ptr> done) = 0;
  /// Whether a ticket is live, an emergency, and one that the caller sees. Answered at once, on the calling thread.
  [[nodiscard]] virtual bool is_emergency(domain::ticket_id /*id*/, const domain::caller& /*by*/) const {
    return false;
  }
  /// The id behind a number of the desk.
  virtual void find(std::int64_t number, const domain::caller& by, domain::completion<domain::ticket_id> done) = 0;
  virtual void list(domain::ticket_query query, const domain::caller& by,
                    domain::completion<domain::page<domain::ticket_ptr>> done) = 0;
  /// Oldest first; requesters get the public ones.
  virtual void messages(domain::ticket_id id, const domain::caller& by, int limit, std::string cursor,
                        domain::completion<domain::page<domain::message>> done) = 0;

  /// Every event of a ticket's clocks, for a ticket that the caller may see.
  virtual void clock_events(domain::ticket_id id, const domain::caller& by, domain::completion<clock_history> done) = 0;
  virtual void records(domain::record_query query, const domain::caller& by,
                       domain::completion<domain::page<std::string>> done) = 0;

  /// Takes the key of a request that is not one change of one ticket, so that it is worked on once at a time.
  virtual void claim(usher::idempotency key, std::chrono::steady_clock::time_point deadline,
                     domain::completion<claimed_key> done) = 0;
  /// Keeps the answer of a claimed request; the key is free again when `done` is called.
  virtual void keep(claimed_key key, stored_answer answer, domain::completion<std::monostate> done) = 0;

  /// Reconciles every clock with its timer, now: the live tickets', and by a path of its own those that the database
  /// says are due.
  virtual void check(domain::completion<check_report> done) = 0;
  /// Gives the running clocks the policies that hold now; with `dry_run` only says which it would change. A freeze
  /// holds the change back, as it does those of settings.
  virtual void apply_policies(const domain::caller& by, bool dry_run, std::string break_glass,
                              domain::completion<policy_report> done) = 0;

  /// Whether a wedding day's freeze holds, and the next one.
  virtual void freeze(domain::completion<domain::freeze_state> done) = 0;

  /// Takes an alert; who and when is filled in. `conflict` when somebody has taken it meanwhile.
  virtual void acknowledge_alert(domain::alert_event what, const domain::caller& by,
                                 domain::completion<std::monostate> done) = 0;

  /// Delivers a notification of an endpoint once more. `conflict` while it is being delivered.
  virtual void redeliver(domain::uuid delivery, domain::webhook_id endpoint, domain::organization_id owner,
                         const domain::caller& by, domain::completion<std::monostate> done) = 0;

  /// What people have set, as it holds now.
  [[nodiscard]] virtual domain::settings_ptr settings() const = 0;
  virtual void change_settings(settings_request what) = 0;
  /// The latest snapshot of the whole desk, as the text of a JSON object; null before the first one.
  [[nodiscard]] virtual std::shared_ptr<const std::string> latest_snapshot() const = 0;
  /// What an agent's open tickets take of its capacity.
  [[nodiscard]] virtual std::int64_t load_of(const std::string& agent) const = 0;
  /// Who would suit a ticket best now, best first; the ticket need not exist.
  [[nodiscard]] virtual std::vector<domain::candidate> suggest(const domain::ticket& t, std::size_t limit) const = 0;

  virtual void organization(domain::organization_id id, const domain::caller& by,
                            domain::completion<domain::organization> done) = 0;
  virtual void organizations(const domain::caller& by, int limit, std::string cursor,
                             domain::completion<domain::page<domain::organization>> done) = 0;
  /// Creates or replaces; `version` of the answer is 1 when it was created.
  virtual void put_organization(domain::organization what, const domain::caller& by,
                                std::optional<std::int64_t> expected_version,
                                domain::completion<domain::organization> done) = 0;

  /// Follows what happens from now on, or from the place where an earlier stream ended (`Last-Event-ID`; empty: none).
  /// Errors: `invalid` for a text that is no place; `overloaded` when too many follow.
  [[nodiscard]] virtual domain::result<std::shared_ptr<event_source>> follow(event_filter filter,
                                                                             const domain::caller& by,
                                                                             std::string_view after) = 0;

  [[nodiscard]] virtual desk_health health() const = 0;
};

}  // namespace usher
